#include "server/options.h"

#include <CLI/CLI.hpp>

namespace bootseal::server {

const char kName[] = "bootseald";
const char kWords[] = "Bootseal's signing server";
const char kFooter[] =
    "SIGHUP reads the policy again; SIGTERM and SIGINT drain and end.\n"
    "Exit status: 0 drained, 1 cannot start, 2 usage, 5 local file, 6 the PIN";

void DeclareOptions(CLI::App& app, std::string& config_path) {
  app.footer(kFooter);
  app.add_option("--config", config_path, "configuration (textproto)")
      ->required();
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  CLI::App app(kWords, kName);
  std::string config_path;
  DeclareOptions(app, config_path);
  read(app);
}

}  // namespace bootseal::server

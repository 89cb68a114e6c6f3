#include "server/options.h"

#include <CLI/CLI.hpp>

namespace bootseal::server {

const char kName[] = "bootseald";
const char kWords[] = "Bootseal's signing server";
const char kFooter[] =
    "SIGHUP reads the policy again; SIGTERM and SIGINT drain and end.\n"
    "Exit status: 0 drained, 1 cannot start, 2 usage, 5 local file, 6 the PIN; "
    "with --check-keys 0 when every key signs and all else is good, 1 when "
    "something is not";

void DeclareOptions(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.add_option("--config", options.config_path, "configuration (textproto)")
      ->required();
  app.add_flag("--check-keys", options.check_keys,
               "hold the token against the policy, tell of every key, of the "
               "TLS files, the CAs and the log's place, and end: nothing is "
               "served or written to the log");
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  CLI::App app(kWords, kName);
  Options options;
  DeclareOptions(app, options);
  read(app);
}

}  // namespace bootseal::server

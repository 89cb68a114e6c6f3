#include "client/cli/imgtool.h"

#include <CLI/CLI.hpp>

#include "client/cli/imgtool_server.h"
#include "client/imgtool/commands.h"

namespace bootseal::cli {
namespace {

constexpr char kName[] = "imgtool";

}  // namespace

Action DeclareImgtool(CLI::App& app) {
  app.prefix_command();
  app.fallthrough(false);
  app.set_help_flag();  // imgtool has its own
  return [&app](Context& context) -> absl::StatusOr<ExitStatus> {
    const absl::Status status = imgtool::Run(
        app.remaining(), [&context](const imgtool::ServerOrder& order) {
          return SignImageOnServer(context, order);
        });
    if (status.ok()) return ExitStatus::kDone;
    return WithExit(status, ExitStatus{imgtool::ExitStatusOf(status)});
  };
}

std::vector<std::string> WithProgramName(std::vector<std::string> arguments) {
  if (arguments.empty()) return arguments;
  const std::string& path = arguments.front();
  if (path.substr(path.rfind('/') + 1) != kName) return arguments;
  arguments.insert(arguments.begin(), "bootseal");
  arguments[1] = kName;
  return arguments;
}

}  // namespace bootseal::cli

#include "client/cli/imgtool.h"

#include <CLI/CLI.hpp>
#include <array>

#include "absl/strings/string_view.h"
#include "client/cli/imgtool_key.h"
#include "client/cli/imgtool_server.h"
#include "client/imgtool/commands.h"

namespace bootseal::cli {
namespace {

// Programs that builds run, and the commands that stand for them.
struct Program {
  absl::string_view name;
  absl::string_view command;
};
constexpr std::array<Program, 4> kPrograms{{
    {"imgtool", "imgtool"},
    {"imgtool.py", "imgtool"},
    {"mcuboot_imagesign_wrapper", "tfm-wrapper"},
    {"wrapper.py", "tfm-wrapper"},
}};

imgtool::Server ServerOf(Context& context) {
  return {[&context](const imgtool::ServerOrder& order) {
            return SignImageOnServer(context, order);
          },
          [&context](const std::string& signer) {
            return FindKeyOnServer(context, signer);
          }};
}

}  // namespace

Action DeclareImgtool(CLI::App& app) {
  app.prefix_command();
  app.fallthrough(false);
  app.set_help_flag();  // imgtool has its own
  return [&app](Context& context) -> absl::StatusOr<ExitStatus> {
    const absl::Status status =
        imgtool::Run(app.remaining(), ServerOf(context));
    if (status.ok()) return ExitStatus::kDone;
    return WithImgtoolExit(status);
  };
}

std::vector<std::string> WithProgramName(std::vector<std::string> arguments) {
  if (arguments.empty()) return arguments;
  const std::string& path = arguments.front();
  const std::string name = path.substr(path.rfind('/') + 1);
  for (const Program& program : kPrograms) {
    if (program.name != name) continue;
    arguments.front() = std::string(program.command);
    arguments.insert(arguments.begin(), "bootseal");
    return arguments;
  }
  return arguments;
}

}  // namespace bootseal::cli

#include "client/cli/tfm_wrapper.h"

#include <CLI/CLI.hpp>

#include "client/cli/imgtool_server.h"
#include "client/tfm/wrapper.h"

namespace bootseal::cli {

Action DeclareTfmWrapper(CLI::App& app) {
  app.prefix_command();
  app.fallthrough(false);
  app.set_help_flag();  // the wrapper has its own
  return [&app](Context& context) -> absl::StatusOr<ExitStatus> {
    const absl::Status status = tfm::Run(
        app.remaining(), [&context](const imgtool::ServerOrder& order) {
          return SignImageOnServer(context, order);
        });
    if (status.ok()) return ExitStatus::kDone;
    return WithImgtoolExit(status);
  };
}

}  // namespace bootseal::cli

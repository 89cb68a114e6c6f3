// The commands of `bootseal`: one row in a table (commands.cc), one file pair
// each.
//
// To add one: write name.{h,cc} with a function that declares its options and
// returns what to do, add its row to commands.cc and its files to
// CMakeLists.txt.
#ifndef BOOTSEAL_CLIENT_CLI_COMMAND_H_
#define BOOTSEAL_CLIENT_CLI_COMMAND_H_

#include <functional>

#include "absl/status/statusor.h"
#include "client/cli/context.h"
#include "client/cli/exit_status.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

// Runs after the command line is parsed. A result that is no error (not
// bootable, for example) has its exit status; errors go to report.h.
using Action = std::function<absl::StatusOr<ExitStatus>(Context&)>;

struct Command {
  const char* name;  // "sign", or "audit list" for one of a group
  const char* description;
  // Adds options to `app`; what they bind to lives in the returned action.
  Action (*declare)(CLI::App& app);
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_COMMAND_H_

// imgtool's command line: the table of its commands.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_COMMANDS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_COMMANDS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/imgtool/server.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::imgtool {

// Runs one command line, without argv[0]; results and help go to standard
// output, warnings to standard error, the error is returned. `server` answers
// for -k bootseal:...; without one that is INVALID_ARGUMENT (SERVER_SIGNING).
// Not thread-safe.
//
// Words are taken as imgtool takes them: the last of several counts, and a
// value stands behind its option, after "=" or, for a short name, at once.
absl::Status Run(const std::vector<std::string>& arguments,
                 const Server& server = {});

// Hands over the definitions of all commands, which live no longer than that.
void ReadDefinitions(const std::function<void(const CLI::App&)>& read);

// imgtool's exit status: 0 done, 2 for INVALID_ARGUMENT that is not about a
// file's content, 1 for the rest.
int ExitStatusOf(const absl::Status& status);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_COMMANDS_H_

// imgtool's commands for keys: keygen, getpub, getpubhash, getpriv,
// keyinfo.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_KEY_COMMANDS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_KEY_COMMANDS_H_

#include <functional>

#include "absl/status/status.h"
#include "client/imgtool/server.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::imgtool {

// Runs after the command line is parsed. INVALID_ARGUMENT is imgtool's usage
// error (exit status 2); every other error is its failure (1).
using Action = std::function<absl::Status()>;

// Each adds a command's options to `app`; what they bind to lives in the
// returned action. Results go to standard output or to the file of -o;
// passphrases come from prompt.h. A server, where one is taken, gives public
// keys and must outlive the action.
Action DeclareKeygen(CLI::App& app);
Action DeclareGetpub(CLI::App& app, const Server& server);
Action DeclareGetpubhash(CLI::App& app, const Server& server);
Action DeclareGetpriv(CLI::App& app);
Action DeclareKeyinfo(CLI::App& app, const Server& server);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_KEY_COMMANDS_H_

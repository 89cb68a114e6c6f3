// bootseal login, bootseal logout: who we are, kept for later commands
// (client/login/store.h).
#ifndef BOOTSEAL_CLIENT_CLI_LOGIN_H_
#define BOOTSEAL_CLIENT_CLI_LOGIN_H_

#include "client/cli/command.h"

namespace bootseal::cli {

// Stores what the command line, the environment and the settings file say now,
// after it was checked here and by a server. Ends with kUsage:
// IDENTITY_MISSING, TOKEN_NOT_STORED, CONFIG_NOT_STORED. Ends as
// LoadCredentials, login::CheckChain, login::Store and the server's answer.
Action DeclareLogin(CLI::App& app);

Action DeclareLogout(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_LOGIN_H_

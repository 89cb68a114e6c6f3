// bootseal explain: every rule of a target over an image, and the fix.
#ifndef BOOTSEAL_CLIENT_CLI_EXPLAIN_H_
#define BOOTSEAL_CLIENT_CLI_EXPLAIN_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareExplain(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_EXPLAIN_H_

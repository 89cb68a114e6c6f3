// bootseal fwu bundle: a release as one file, signed and proven.
#ifndef BOOTSEAL_CLIENT_CLI_FWU_BUNDLE_H_
#define BOOTSEAL_CLIENT_CLI_FWU_BUNDLE_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareFwuBundle(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FWU_BUNDLE_H_

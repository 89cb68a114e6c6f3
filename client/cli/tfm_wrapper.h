// bootseal tfm-wrapper: the command line of TF-M's mcuboot_imagesign_wrapper.
#ifndef BOOTSEAL_CLIENT_CLI_TFM_WRAPPER_H_
#define BOOTSEAL_CLIENT_CLI_TFM_WRAPPER_H_

#include "client/cli/command.h"

namespace bootseal::cli {

// All that follows is the wrapper's; its exit status is too.
Action DeclareTfmWrapper(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_TFM_WRAPPER_H_

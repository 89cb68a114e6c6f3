// bootseal stm32 header and show: the header of a first stage.
#ifndef BOOTSEAL_CLIENT_CLI_STM32_HEADER_H_
#define BOOTSEAL_CLIENT_CLI_STM32_HEADER_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareStm32Header(CLI::App& app);
Action DeclareStm32Show(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_STM32_HEADER_H_

// bootseal stm32 rom-check and otp: what a boot ROM decides, and is fused with.
#ifndef BOOTSEAL_CLIENT_CLI_STM32_ROM_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_STM32_ROM_CHECK_H_

#include "client/cli/command.h"

namespace bootseal::cli {

Action DeclareStm32RomCheck(CLI::App& app);
Action DeclareStm32Otp(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_STM32_ROM_CHECK_H_

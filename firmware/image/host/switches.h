// The build switches of MCUboot and TF-M behind a target's rules: what a
// firmware engineer has to look for in the bootloader's configuration. Empty
// when the target leaves the switch off. Facts: mcuboot 3.2 to 3.6, 4.3.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SWITCHES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SWITCHES_H_

#include <string>

#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

std::string StrategySwitch(const mcuboot::Rules& rules);
std::string SignatureSwitch(const mcuboot::Rules& rules);
std::string HashSwitch(const mcuboot::Rules& rules);
std::string KeySwitch(const mcuboot::Rules& rules);
std::string AllowListSwitch(const mcuboot::Rules& rules);
std::string RollbackSwitch(const mcuboot::Rules& rules);
std::string MeasuredSwitch(const mcuboot::Rules& rules);
std::string RecordSizeSwitch(const mcuboot::Rules& rules);
std::string DependencySwitch(const mcuboot::Rules& rules);
std::string EncryptionSwitch(const mcuboot::Rules& rules);
std::string VendorSwitch(const mcuboot::Rules& rules);
std::string ClassSwitch(const mcuboot::Rules& rules);
std::string CompressionSwitch(const mcuboot::Rules& rules);
std::string PureSwitch(const mcuboot::Rules& rules);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SWITCHES_H_

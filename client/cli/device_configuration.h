// What a device has to be told before `bootseal-fwu` takes the releases of a
// target: the text of its configuration file (client/fwu/configuration.h).
#ifndef BOOTSEAL_CLIENT_CLI_DEVICE_CONFIGURATION_H_
#define BOOTSEAL_CLIENT_CLI_DEVICE_CONFIGURATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/log_key.h"

namespace bootseal::cli {

// What the profile says is set; what only the board knows (device, boot
// register, counter) is left to be filled in, each with an example. Errors: as
// ReleaseProfile::Make.
absl::StatusOr<std::string> FormatDeviceConfiguration(
    const v1::Profile& profile, const LogKey& log_key);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_DEVICE_CONFIGURATION_H_

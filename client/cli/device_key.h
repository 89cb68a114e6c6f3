// What a target's bootloader decrypts with. The key itself, in its file and in
// use: client/imgtool/device_key.h.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_DEVICE_KEY_H_
#define BOOTSEAL_CLIENT_CLI_DEVICE_KEY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "client/imgtool/device_key.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"

namespace bootseal::cli {

// OK when the target's bootloader decrypts what is encrypted for this key.
// INVALID_ARGUMENT: ENCRYPTION_NOT_ALLOWED, ENCRYPTION_KEY_TYPE, KEK_LENGTH.
absl::Status CheckFits(const v1::Target& target,
                       const imgtool::DeviceKey& device);

// A key that fits. The errors of CheckFits and imgtool::DeviceKey::Load.
absl::StatusOr<imgtool::DeviceKey> LoadDeviceKey(
    const std::string& path, const v1::Target& target,
    const imgtool::Key::Passphrase& passphrase);

// As the target's bootloader has it.
imgtool::EncryptionOptions EncryptionOf(const v1::Target& target);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_DEVICE_KEY_H_

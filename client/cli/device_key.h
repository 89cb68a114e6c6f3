// Whom a payload is encrypted for: the device's public key, or the
// key-encryption key that it shares with us. What fits is the target's to say.
#ifndef BOOTSEAL_CLIENT_CLI_DEVICE_KEY_H_
#define BOOTSEAL_CLIENT_CLI_DEVICE_KEY_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret.h"
#include "bootseal/v1/policy.pb.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"

namespace bootseal::cli {

// Move-only. Const members are thread-safe.
class DeviceKey {
 public:
  // A PEM file, or for a target with AES_KW the 16 or 32 bytes of the key
  // itself. INVALID_ARGUMENT: as CheckFits, KEK_LENGTH; the errors of
  // imgtool::Key::Load.
  static absl::StatusOr<DeviceKey> Load(
      const std::string& path, const v1::Target& target,
      const imgtool::Key::Passphrase& passphrase);

  // OK when the target's bootloader decrypts what is encrypted for this key.
  // INVALID_ARGUMENT: ENCRYPTION_NOT_ALLOWED, ENCRYPTION_KEY_TYPE.
  absl::Status CheckFits(const v1::Target& target) const;

  // As the target has it. The payload is padded. Errors of CheckFits.
  absl::StatusOr<imgtool::Encryption> Encrypt(const v1::Target& target,
                                              absl::string_view payload) const;

  // What the device makes of it; nullopt when the private half is not here.
  absl::StatusOr<std::optional<std::string>> Decrypt(
      const imgtool::Encryption& encryption) const;

 private:
  using Material = std::variant<imgtool::Key, base::Secret>;
  DeviceKey(std::string path, Material material)
      : path_(std::move(path)), material_(std::move(material)) {}

  std::string path_;
  Material material_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_DEVICE_KEY_H_

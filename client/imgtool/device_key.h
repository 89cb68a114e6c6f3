// What a device decrypts with: a key pair of its own, of which we may have one
// half or both, or a key-encryption key that it shares with us.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_DEVICE_KEY_H_
#define BOOTSEAL_CLIENT_IMGTOOL_DEVICE_KEY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"

namespace bootseal::imgtool {

// Move-only. Const members are thread-safe.
class DeviceKey {
 public:
  // A PEM file, or one with 16 or 32 bytes in base64: the key of AES key wrap
  // (RFC 3394) as MCUboot keeps it. FAILED_PRECONDITION (KEY_INVALID) for
  // anything else; the errors of Key::Load.
  static absl::StatusOr<DeviceKey> Load(const std::string& path,
                                        const Key::Passphrase& passphrase);

  // Null for a key-encryption key.
  const Key* pair() const { return std::get_if<Key>(&key_); }
  // Of a key-encryption key; 0 for a pair.
  std::size_t kek_bits() const;
  bool can_decrypt() const;

  // OK when a payload can be encrypted so that the device reads it. Errors of
  // CheckEncryption; INVALID_ARGUMENT (KEK_LENGTH) when a key-encryption key is
  // not as long as the content key, as bootloaders have it.
  absl::Status Check(const EncryptionOptions& options) const;

  absl::StatusOr<Encryption> Encrypt(const EncryptionOptions& options,
                                     absl::string_view payload) const;
  // What the device would run; errors of Decrypt() in encryption.h.
  absl::StatusOr<std::string> Decrypt(std::uint16_t tlv_type,
                                      absl::string_view tlv_value,
                                      absl::string_view payload) const;

 private:
  explicit DeviceKey(Key key) : key_(std::move(key)) {}
  explicit DeviceKey(base::Secret kek) : key_(std::move(kek)) {}

  std::variant<Key, base::Secret> key_;
};

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_DEVICE_KEY_H_

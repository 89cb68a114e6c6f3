// A payload encrypted to a device, and the TLV that tells the device the
// content key. Facts: mcuboot 1.5, 1.12.
//
// The payload is AES-CTR with a fresh content key and the counter starting at
// zero; only the payload is encrypted, after signing, as hash and signature
// cover the plaintext. The caller has padded the payload.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_ENCRYPTION_H_
#define BOOTSEAL_CLIENT_IMGTOOL_ENCRYPTION_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/key.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::imgtool {

namespace enc_tlv {
inline constexpr std::uint16_t kRsa2048 =
    image::mcuboot::tlv::kEncryptionRsa2048;  // 256 bytes
inline constexpr std::uint16_t kKeyWrap =
    image::mcuboot::tlv::kEncryptionKeyWrap;  // 24 or 40
inline constexpr std::uint16_t kEcP256 =
    image::mcuboot::tlv::kEncryptionP256;  // 113 or 129
inline constexpr std::uint16_t kX25519 =
    image::mcuboot::tlv::kEncryptionX25519;  // 80 or 96
inline constexpr std::uint16_t kX25519Sha512 =
    image::mcuboot::tlv::kEncryptionX25519Sha512;  // 112 or 128
}  // namespace enc_tlv

struct Encryption {
  std::uint16_t tlv_type = 0;
  std::string tlv_value;
  std::string payload;  // ciphertext, as long as the plaintext
};

enum class HmacHash { kSha256, kSha512 };

struct EncryptionOptions {
  std::size_t key_bits = 128;  // of the content key: 128 or 256
  HmacHash hmac = HmacHash::kSha256;
};

// With which kind of key a device opens a TLV.
struct Scheme {
  std::uint16_t tlv;
  KeyKind device_key;
  HmacHash hmac;
};

// Null for a TLV that no key pair opens: AES key wrap's.
const Scheme* FindScheme(std::uint16_t tlv);

// OK when a device's key of this kind can receive a content key.
// INVALID_ARGUMENT (ENCRYPTION_KEY_TYPE): P-384, Ed25519 and RSA-3072 have no
// TLV that a bootloader reads; (HMAC_HASH): SHA-512 goes with X25519 alone;
// (KEY_BITS).
absl::Status CheckEncryption(KeyKind device_key,
                             const EncryptionOptions& options);

// ECIES-P256, ECIES-X25519 or RSA-OAEP, by the kind of `device_key`, of which
// the public half is used. Errors of CheckEncryption.
absl::StatusOr<Encryption> Encrypt(const Key& device_key,
                                   const EncryptionOptions& options,
                                   absl::string_view payload);

// AES key wrap (RFC 3394) with a key-encryption key of 16 or 32 bytes.
// INVALID_ARGUMENT (KEK_LENGTH, KEY_BITS).
absl::StatusOr<Encryption> EncryptWithKek(absl::string_view kek,
                                          const EncryptionOptions& options,
                                          absl::string_view payload);

// What the device would run. INVALID_ARGUMENT (ENCRYPTION_TLV) when the TLV
// does not fit the key or has another length; FAILED_PRECONDITION
// (KEY_NOT_PRIVATE), (DECRYPTION_FAILED) when it is for another key.
absl::StatusOr<std::string> Decrypt(const Key& device_private_key,
                                    std::uint16_t tlv_type,
                                    absl::string_view tlv_value,
                                    absl::string_view payload);
absl::StatusOr<std::string> DecryptWithKek(absl::string_view kek,
                                           absl::string_view tlv_value,
                                           absl::string_view payload);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_ENCRYPTION_H_

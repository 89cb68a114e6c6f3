// First stages for an STM32MP: the header around what the build made, what a
// key has to sign of it, and what goes into OTP. Thread-safe: free functions.
// Source: firmware/image/stm32/header.h; facts: fwu 5, 7.4, 9.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_STM32_IMAGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_STM32_IMAGE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/stm32/header.h"
#include "firmware/image/stm32/rom_check.h"

namespace bootseal::image::host {

struct Stm32Description {
  stm32::Version version = stm32::Version::kV1;
  std::uint32_t entry_point = 0;
  std::uint32_t load_address = 0;
  std::uint32_t image_version = 0;
  std::uint32_t binary_type = 0x10;  // TF-A BL2
};

// Without a signature: byte for byte what TF-A's stm32image writes.
// INVALID_ARGUMENT: PAYLOAD (empty, or above 4 GiB), and the header's errors.
absl::StatusOr<std::string> MakeStm32Image(const Stm32Description& description,
                                           absl::string_view payload);

// The keys of a product, SubjectPublicKeyInfo in DER, P-256 or brainpoolP256t1,
// or P-384 for version 2.3: one for version 1; for version 2 the eight of the
// table, of which `index` signs. Keys that do not sign yet can be given by
// their hash.
struct Stm32Keys {
  std::string signer;
  std::uint32_t index = 0;
  std::vector<std::string> table;  // eight hashes; empty for version 1
};

// As the ROM hashes a key: SHA-256, or SHA-384 for version 2.3.
absl::StatusOr<std::string> Stm32KeyHash(stm32::Version version,
                                         absl::string_view key_der);

struct PlannedStm32Image {
  std::string image;   // complete but for the signature
  std::string digest;  // what is signed
  std::string signer;  // SubjectPublicKeyInfo of the key that has to
};

// The header of an image whose payload somebody else has, or that streams past:
// complete but for checksum and signature. INVALID_ARGUMENT: STM32_KEY,
// KEY_TABLE (not eight hashes, or another at `index`), PAYLOAD.
absl::StatusOr<stm32::Header> PlanStm32Header(
    const Stm32Description& description, std::uint64_t payload_size,
    const Stm32Keys& keys);
// Of it, what is signed in front of the payload: all from the version on.
absl::StatusOr<std::string> SignedStm32Front(const stm32::Header& header);

// All in front of a payload, and the proof that a closed chip starts it: only
// SealStm32Header makes one.
class VerifiedStm32Header {
 public:
  const std::string& bytes() const { return bytes_; }
  const stm32::Header& header() const { return header_; }

 private:
  friend absl::StatusOr<VerifiedStm32Header> SealStm32Header(
      stm32::Header header, const stm32::Measured& measured,
      absl::string_view signature);
  VerifiedStm32Header(std::string bytes, const stm32::Header& header)
      : bytes_(std::move(bytes)), header_(header) {}

  std::string bytes_;
  stm32::Header header_;
};
// `signature`: r || s, or DER, over measured.digest. INVALID_ARGUMENT SIGNATURE
// when a closed chip with this very key and version would not start the image.
absl::StatusOr<VerifiedStm32Header> SealStm32Header(
    stm32::Header header, const stm32::Measured& measured,
    absl::string_view signature);

// As PlanStm32Header.
absl::StatusOr<PlannedStm32Image> PlanStm32Image(
    const Stm32Description& description, absl::string_view payload,
    const Stm32Keys& keys);

// `signature`: r || s, or DER. Verified by the check that a closed chip makes.
// INVALID_ARGUMENT SIGNATURE.
absl::StatusOr<std::string> SealStm32Image(const PlannedStm32Image& planned,
                                           absl::string_view signature);

// A chip that is closed counts from 1, and has 32 steps. INVALID_ARGUMENT
// IMAGE_VERSION for another.
absl::Status CheckVersionForClosing(std::uint32_t image_version);

// Words of OTP as they are fused: the first four bytes of the hash, read
// big-endian, in the first word.
struct OtpWord {
  std::uint32_t number = 0;
  std::uint32_t value = 0;
};
// From 24 on (STM32MP15, 13), 144 (23, 25); `hash`: FusedHash's 32 bytes.
// FAILED_PRECONDITION OTP_WORDS_UNKNOWN for header 2.3 (STM32MP21), of which no
// source says how the hash comes about that its eight words hold.
// INVALID_ARGUMENT KEY_HASH.
absl::StatusOr<std::vector<OtpWord>> OtpWords(stm32::Version version,
                                              absl::string_view hash);

// "1.0", "2.0", "2.2", "2.3"; INVALID_ARGUMENT HEADER_VERSION.
absl::StatusOr<stm32::Version> ParseStm32Version(absl::string_view text);
std::string FormatStm32Version(stm32::Version version);

// "p256", "brainpoolP256t1", "p384", "brainpoolP384t1"; the number of another.
std::string FormatStm32Algorithm(stm32::SignatureAlgorithm algorithm);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_STM32_IMAGE_H_

// What a chip's boot ROM decides about a first stage, and why: to be asked on a
// PC, before anything is fused. A model of the documented ROM, no part of any
// device of ours.
// Source: ST's wiki on ROM code secure boot; facts: fwu 5.6, 5.7, 7.4.
// Freestanding; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_STM32_ROM_CHECK_H_
#define BOOTSEAL_FIRMWARE_IMAGE_STM32_ROM_CHECK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/result.h"
#include "firmware/image/stm32/header.h"

namespace bootseal::image::stm32 {

// Of one public key, as the chip's ROM hashes it: SHA-256 over X || Y for
// version 1; for version 2, over the algorithm's number as four little-endian
// bytes and X || Y, SHA-384 in 2.3. Empty for an algorithm that the version
// does not have, or a key of another size.
Digest PublicKeyHash(Version version, SignatureAlgorithm algorithm,
                     Bytes point);

// What OTP holds: the hash of the one key in version 1; in version 2 the hash
// over the table of eight. Empty for a header that is not authenticated.
Digest FusedHash(const Header& header);

// A device's OTP, as far as it decides.
struct Chip {
  Version version = Version::kV1;
  bool closed = false;
  // Empty: no key hash is fused (words of zeros).
  Digest key_hash;
  // Images of a lower version do not start. Closing a chip raises it from 0 to
  // 1: an image of version 0 does not start on it any more.
  std::uint32_t image_version = 0;
};

// One question that the ROM asks. An open chip starts an image whatever the
// answer to `authentication` ones is, and notes that it failed.
struct RomRule {
  Error code;
  bool authentication;
};
std::span<const RomRule> RomRules();

struct RomDecision {
  bool starts = false;
  // kOk, or the first rule that does not hold; an open chip may start it all
  // the same.
  Error reason = Error::kFault;
  // What the ROM notes for the next stage.
  enum class Authentication : std::uint8_t {
    kNone = 0,
    kFailed = 1,
    kPassed = 2
  } authentication = Authentication::kNone;
};

// Header version, length, checksum; then, of an image that says it is signed or
// a chip that is closed: key hash fused, key index, key hash, signature (P-256,
// brainpoolP256t1 and P-384; kUnsupported for brainpoolP384t1), image version.
// kStm32Trailing is not the ROM's: bytes behind the image that are not zeros,
// which a signer that hashes a padded file would have signed (CheckTrailing).
RomDecision RomCheck(const Chip& chip, Bytes image);

// What lies behind a header, measured in one piece or while it streams past.
struct Measured {
  std::uint64_t bytes = 0;     // that are there
  std::uint32_t checksum = 0;  // of the payload
  Digest digest;               // SignedHash, over all that is signed
};
HashAlgorithm SignedHash(SignatureAlgorithm algorithm);

// The same decision about an image that nobody has in one piece.
RomDecision RomCheck(const Chip& chip, const Header& header,
                     const Measured& measured);
Measured Measure(const Header& header, Bytes image);
// What the ROM would find if it asked this one alone: `index` in RomRules().
bool RomRuleHolds(std::size_t index, const Chip& chip, const Header& header,
                  const Measured& measured);

Error CheckTrailing(const Header& header, Bytes image);

}  // namespace bootseal::image::stm32

#endif  // BOOTSEAL_FIRMWARE_IMAGE_STM32_ROM_CHECK_H_

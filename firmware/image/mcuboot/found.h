// The TLVs of an image, by what they are for: found in one walk, so that no
// rule walks the areas again. Freestanding; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_FOUND_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_FOUND_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::mcuboot {

// Of digests, keys, signatures and encrypted keys an image has one, whichever
// type it is of.
enum class Kind : std::uint8_t {
  // unprotected
  kKey,
  kDigest,
  kSignature,
  kSignaturePure,
  kEncryption,
  kUnprotectedVendor,
  // protected
  kDependency,
  kSecurityCounter,
  kBootRecord,
  kDecompressedSize,
  kDecompressedDigest,
  kDecompressedSignature,
  kCompressedSize,
  kVendorUuid,
  kClassUuid,
  kProtectedVendor,
};
inline constexpr std::size_t kKinds = 16;

// Bits of kinds.
template <typename... Kinds>
constexpr std::uint32_t Bits(Kinds... kinds) {
  return (... | (std::uint32_t{1} << static_cast<unsigned>(kinds)));
}

struct Found {
  // The first of each kind; type 0: none.
  std::array<Tlv, kKinds> first;
  std::uint32_t seen = 0;          // kinds
  std::uint32_t seen_again = 0;    // kinds
  std::uint32_t wrong_length = 0;  // kinds with a TLV that has not its length
  std::uint32_t unknown = 0;       // how many are of no kind
  std::uint32_t images_named = 0;  // by dependencies: the highest number + 1

  const Tlv& of(Kind kind) const {
    return first[static_cast<std::size_t>(kind)];
  }
  bool has(Kind kind) const { return (seen & Bits(kind)) != 0; }
};

// Each area with its info header, or empty; CheckArea tells what it is worth.
Found FindTlvs(Bytes protected_area, Bytes unprotected_area);

// 0 when there is none.
std::uint32_t SecurityCounterOf(const Found& found);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_FOUND_H_

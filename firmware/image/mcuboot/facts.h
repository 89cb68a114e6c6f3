// What was read of an image, before it is judged.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_FACTS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_FACTS_H_

#include <cstdint>

#include "firmware/image/crypto.h"
#include "firmware/image/mcuboot/found.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image::mcuboot {

// Header and digest are values; the areas point into the caller's bytes.
struct Facts {
  Header header;
  Digest digest;                    // over header, payload and protected area
  Bytes signed_range;               // these three in one piece, if they are
  Bytes protected_area;             // with its info header; empty when absent
  Bytes unprotected_area;           // with its info header
  Found found;                      // in these areas, once FindTlvs has been
  std::uint32_t initial_stack = 0;  // first word of the payload
  std::uint32_t reset_vector = 0;   // second word of the payload
};

// Bytes that digest and signature cover: header, payload, protected area.
constexpr std::uint64_t SignedSize(const Header& header) {
  return std::uint64_t{header.header_size} + header.image_size +
         header.protected_size;
}

// What stands between header and TLVs is to be decompressed first.
constexpr bool IsCompressed(const Header& header) {
  return (header.flags & flags::kCompressed) != 0;
}

// 0 when the image has no counter.
std::uint32_t SecurityCounterOf(const Facts& facts);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_FACTS_H_

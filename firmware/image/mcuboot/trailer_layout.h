// Where the cells of a slot's trailer lie, and what its magic is: shared by the
// signing side, which writes the end of a padded file, and the bootloader.
//
//   status      one cell of `align` bytes per step of a swap
//   swap_size   u32: bytes of the larger of two images that are being swapped
//   swap_info   swap type, image number << 4
//   copy_done   0x01: the swap is complete
//   image_ok    0x01: the image is confirmed
//   magic       16 bytes, the slot's last
//
// Source: MCUboot boot/bootutil/src/bootutil_area.c, bootutil_public.c; facts:
// mcuboot 1.14. Freestanding; thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TRAILER_LAYOUT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TRAILER_LAYOUT_H_

#include <array>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::mcuboot {

// Of a flag that is set, in the first byte of its cell. Not set: erased.
inline constexpr std::byte kFlagSet{0x01};

// Offsets from the slot's start, in bytes.
struct TrailerLayout {
  std::uint32_t status = 0;
  std::uint32_t swap_size = 0;
  std::uint32_t swap_info = 0;
  std::uint32_t copy_done = 0;
  std::uint32_t image_ok = 0;
  std::uint32_t magic = 0;  // of the 16 bytes, not of their cell
  friend constexpr bool operator==(const TrailerLayout&,
                                   const TrailerLayout&) = default;
};

// For rules whose MaxImageEnd is not 0 (trailer.h): they leave room for it.
TrailerLayout LayOutTrailer(const Rules& rules);

using TrailerMagicBytes = std::array<std::byte, kTrailerMagicBytes>;

// Of a build with this BOOT_MAX_ALIGN: 8 has one of its own, any other begins
// with itself.
constexpr TrailerMagicBytes TrailerMagicOf(std::uint32_t max_align) {
  constexpr std::uint8_t kOfEight[] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2,
                                       0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f,
                                       0x2c, 0xb6, 0x79, 0x80};
  constexpr std::uint8_t kOfMore[] = {0x00, 0x00, 0x2d, 0xe1, 0x5d, 0x29,
                                      0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c,
                                      0x11, 0x0f, 0x1f, 0x8a};
  TrailerMagicBytes magic{};
  for (std::size_t i = 0; i < magic.size(); ++i) {
    magic[i] =
        static_cast<std::byte>(max_align == 8 ? kOfEight[i] : kOfMore[i]);
  }
  if (max_align != 8) magic[0] = static_cast<std::byte>(max_align);
  return magic;
}

// The same for these rules.
TrailerMagicBytes TrailerMagic(const Rules& rules);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TRAILER_LAYOUT_H_

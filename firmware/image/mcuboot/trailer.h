// The slot's end: how much of it an image may fill, and the trailer that asks
// the bootloader for an upgrade. Facts: mcuboot 1.14 and 3.2.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TRAILER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TRAILER_H_

#include <cstdint>

#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot {

// Largest end of the unprotected TLVs, in bytes from the image's start, that a
// bootloader with these rules takes. 0 when the rules leave no room.
std::uint32_t MaxImageEnd(const Rules& rules);

// As imgtool writes it: kPad asks for a test upgrade, kConfirm for a permanent
// one (no image_ok under kOverwriteOnly).
enum class TrailerKind : std::uint8_t { kPad, kConfirm };

// Writes the bytes that end a padded file: for kPad the 16 bytes of magic, for
// kConfirm those and the image_ok cell before it (erased bytes included).
// kBufferTooSmall; at most 64 + 16 bytes are needed.
Result<Bytes> WriteTrailer(const Rules& rules, TrailerKind kind,
                           std::byte erased, MutableBytes buffer);

}  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_TRAILER_H_

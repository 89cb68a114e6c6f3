// Where an image lies in its slot, and what its file says at the slot's end:
// the trailer that asks a bootloader for an upgrade. Facts: mcuboot 1.14, 3.2.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SLOT_FACTS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SLOT_FACTS_H_

#include <cstdint>
#include <optional>

#include "firmware/image/bytes.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

enum class TrailerMagic {
  kAbsent,  // the file ends before; in flash that is erased
  kUnset,   // erased
  kGood,    // for the target's max-align
  kOther,   // for another max-align: the target's bootloader reads it as bad
  kBad,
};

enum class TrailerFlag {
  kAbsent,
  kUnset,  // erased
  kSet,
  kBad,
};

struct TrailerFacts {
  TrailerMagic magic = TrailerMagic::kAbsent;
  std::uint64_t magic_offset = 0;  // in the file; without one, in the slot
  std::uint32_t magic_align = 0;   // 8, 16 or 32; 0 when it is none
  TrailerFlag image_ok = TrailerFlag::kAbsent;
  TrailerFlag copy_done = TrailerFlag::kAbsent;
  std::optional<std::uint8_t> swap_info;  // not erased: type, image number << 4
};

struct SlotFacts {
  std::uint64_t file_size = 0;
  std::uint64_t image_end = 0;  // end of the unprotected TLVs; 0: not readable
  std::uint32_t slot_size = 0;
  std::uint32_t limit = 0;          // the largest end that the bootloader takes
  std::uint32_t imgtool_limit = 0;  // the largest file that imgtool lets pass
  // Size of the slot that the file is padded for; 0: it is not.
  std::uint64_t padded_for = 0;
  TrailerFacts trailer;  // at the end of the target's slot
};

// imgtool takes a file when it and a trailer of imgtool's own size fit the
// slot; neither the spare sector of swap-move and swap-offset nor the rounding
// to sectors is in that. 0 when nothing would pass.
std::uint32_t ImgtoolLimit(const mcuboot::Rules& rules);

// The 16 bytes' max-align: 8, 16 or 32; 0 when they are no magic.
std::uint32_t MaxAlignOfMagic(Bytes magic);

// What the last bytes of a slot say. `erased` is what erased flash reads as.
TrailerFacts ReadTrailer(const mcuboot::Rules& rules, Bytes file,
                         std::byte erased = std::byte{0xff});

// `image_end` is 0 when the image could not be read.
SlotFacts ReadSlotFacts(const mcuboot::Rules& rules, Bytes file,
                        std::uint64_t image_end,
                        std::byte erased = std::byte{0xff});

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SLOT_FACTS_H_

// What the strategies that move images have in common: sectors, copies and the
// trailer of one slot. Over boards/flash.h; no state but the rules.
#ifndef BOOTSEAL_FIRMWARE_UPGRADE_SLOT_H_
#define BOOTSEAL_FIRMWARE_UPGRADE_SLOT_H_

#include <cstdint>

#include "firmware/boards/flash.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/mcuboot/swap_type.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "firmware/image/result.h"
#include "firmware/image/verified.h"

namespace bootseal::upgrade {

// The bytes of one erasure: the rules' when they say, else the board's.
std::uint32_t SectorSize(const image::mcuboot::Rules& rules);

// kRules when the board cannot write and erase as the rules have it, has less
// room, or has the image in another place.
image::Error CheckGeometry(const image::mcuboot::Rules& rules,
                           std::uint8_t image);

class Slot {
 public:
  // `rules` must outlive it. `place`: of image 0.
  Slot(const image::mcuboot::Rules& rules, std::uint8_t image,
       boards::Slot place);

  image::Result<image::Verified> Verify() const;
  // End of the image by what its header and TLV area say, in bytes; 0 when they
  // say nothing possible. Proves nothing.
  std::uint32_t StatedEnd() const;

  // The first `slot_size` bytes, mapped.
  image::Bytes bytes() const;

  // Offsets and sizes are multiples of a sector.
  image::Error Erase(std::uint32_t offset, std::uint32_t size) const;
  // Bytes of `from`, to where it is erased. What cannot be read of it becomes
  // erased bytes: it is no part of an image that was just verified.
  image::Error CopyFrom(const Slot& from, std::uint32_t from_offset,
                        std::uint32_t offset, std::uint32_t size) const;

  image::mcuboot::TrailerState Trailer() const;
  // A cell that cannot be read, or is neither erased nor of a value that
  // anybody writes, is 0.
  image::mcuboot::SwapType SwapTypeWritten() const;
  image::Error WriteSwapType(image::mcuboot::SwapType type) const;
  std::uint32_t SwapSizeWritten() const;  // 0: not readable
  // Whether all bytes of a cell, of one write, are as after an erasure.
  bool IsErased(std::uint32_t offset) const;

  // From its last sector to its first, so that the magic goes first.
  image::Error EraseTrailer() const;
  // One cell: `value`, filled up with erased bytes.
  image::Error WriteCell(std::uint32_t offset, image::Bytes value) const;
  image::Error WriteFlag(std::uint32_t offset) const;
  image::Error WriteSwapSize(std::uint32_t size) const;
  image::Error WriteMagic() const;

  const image::mcuboot::TrailerLayout& layout() const { return layout_; }

 private:
  image::mcuboot::FlagState Flag(std::uint32_t offset) const;

  const image::mcuboot::Rules& rules_;
  const std::uint8_t image_;
  const boards::Slot place_;
  const image::mcuboot::TrailerLayout layout_;
};

}  // namespace bootseal::upgrade

#endif  // BOOTSEAL_FIRMWARE_UPGRADE_SLOT_H_

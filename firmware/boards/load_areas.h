// Where a board has its images run, as a table that is checked when it is
// compiled.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_LOAD_AREAS_H_
#define BOOTSEAL_FIRMWARE_BOARDS_LOAD_AREAS_H_

#include <array>
#include <cstdint>

#include "firmware/boards/board.h"
#include "firmware/image/certificate/chain.h"

namespace bootseal::boards {

// By ImageRole; begin and end are equal where the board has no use for one.
using LoadAreas = std::array<Range, image::certificate::kImageRoles>;

constexpr bool Overlap(const Range& a, const Range& b) {
  return a.begin < b.end && b.begin < a.end;
}

// Each a multiple of four, none on another one, none on `reserved`: where the
// bootloader is and what outlives it.
constexpr bool AreUsable(const LoadAreas& areas, const Range& reserved) {
  for (std::size_t i = 0; i < areas.size(); ++i) {
    if (areas[i].begin > areas[i].end || areas[i].begin % 4 != 0) return false;
    if (Overlap(areas[i], reserved)) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (Overlap(areas[i], areas[j])) return false;
    }
  }
  return true;
}

inline image::MutableBytes AreaOf(const LoadAreas& areas,
                                  image::certificate::ImageRole role) {
  const Range& range = areas[image::certificate::IndexOf(role)];
  return {reinterpret_cast<std::byte*>(std::uintptr_t{range.begin}),
          range.end - range.begin};
}

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_LOAD_AREAS_H_

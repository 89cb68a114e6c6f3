// Where metadata and banks lie on flash without a partition table, as TF-A has
// it for STM32MP1; a board that links second_stage/raw_placement.cc names its
// own. Source: TF-A plat/st/stm32mp1/include/stm32mp1_def.h; facts: fwu 2.2,
// 2.6.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_RAW_LAYOUT_H_
#define BOOTSEAL_FIRMWARE_BOARDS_RAW_LAYOUT_H_

#include <array>
#include <cstdint>

#include "firmware/image/guid.h"

namespace bootseal::boards {

struct RawArea {
  std::uint64_t offset = 0;  // bytes
  std::uint64_t size = 0;    // bytes
};

struct RawBank {
  image::Guid guid;
  RawArea area;
};

struct RawLayout {
  std::array<RawArea, 2> metadata;  // primary, secondary
  std::array<RawBank, 2> banks;
};

inline constexpr RawLayout kNorLayout{
    {{{0x80000, 0x40000}, {0xc0000, 0x40000}}},
    {{{image::guids::kFipA, {0x100000, 0x400000}},
      {image::guids::kFipB, {0x500000, 0x400000}}}}};

inline constexpr RawLayout kNandLayout{
    {{{0x100000, 0x80000}, {0x180000, 0x80000}}},
    {{{image::guids::kFipA, {0x200000, 0x400000}},
      {image::guids::kFipB, {0xa00000, 0x400000}}}}};

// The board's.
extern const RawLayout kRawLayout;

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_RAW_LAYOUT_H_

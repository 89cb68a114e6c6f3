// How much of a slot an image may fill. Figures: facts mcuboot 1.14 and 3.2.
#include <gtest/gtest.h>

#include <array>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::tests {
namespace {

using image::host::NameOf;
using namespace image::mcuboot;

struct SlotCase {
  const char* name;
  Strategy strategy;
  std::uint32_t slot;
  std::uint32_t align;
  std::uint32_t max_align;
  std::uint32_t sector;
  std::uint32_t max_sectors;
  std::uint32_t end;
};

std::ostream& operator<<(std::ostream& out, const SlotCase& slot) {
  return out << slot.name;
}

class MaxImageEndIs : public testing::TestWithParam<SlotCase> {};

TEST_P(MaxImageEndIs, WhatMcubootComputes) {
  const SlotCase& slot = GetParam();
  Rules rules;
  rules.strategy = slot.strategy;
  rules.slot_size = slot.slot;
  rules.align = slot.align;
  rules.max_align = slot.max_align;
  rules.sector_size = slot.sector;
  rules.max_sectors = slot.max_sectors;
  EXPECT_EQ(MaxImageEnd(rules), slot.end);
}

Rules SwapsWithKeys(std::uint32_t bits) {
  Rules rules;
  rules.strategy = Strategy::kSwapScratch;
  rules.slot_size = 0x10000;
  rules.align = 8;
  rules.max_align = 8;
  rules.sector_size = 0x1000;
  rules.encryption = Presence::kOptional;
  rules.encryption_key_bits = bits;
  rules.encryption_tlv = tlv::kEncryptionP256;
  return rules;
}

// 0xc30 as without encryption, and what the bootloader keeps of both slots.
TEST(MaxImageEnd, LeavesRoomForTheKeysOfABootloaderThatDecrypts) {
  EXPECT_EQ(MaxImageEnd(SwapsWithKeys(128)), 0x10000u - 0xc30 - 2 * 16);
  EXPECT_EQ(MaxImageEnd(SwapsWithKeys(256)), 0x10000u - 0xc30 - 2 * 32);
  Rules saves = SwapsWithKeys(128);
  saves.save_encryption_tlv = true;
  EXPECT_EQ(MaxImageEnd(saves), 0x10000u - 0xc30 - 2 * 120);
}

TEST(MaxImageEnd, IsNothingForAKeySizeThatIsNone) {
  EXPECT_EQ(MaxImageEnd(SwapsWithKeys(0xffffffff)), 0u);
}

using enum Strategy;
INSTANTIATE_TEST_SUITE_P(
    Slots, MaxImageEndIs,
    testing::Values(
        // slot - (4 cells + magic cell)
        SlotCase{"single", kSingleSlot, 0x10000, 8, 8, 0, 128, 0x10000 - 48},
        SlotCase{"single 32", kSingleSlot, 0x10000, 8, 32, 0, 128,
                 0x10000 - 160},
        // slot - (3 cells + magic cell): 40, 64, 128
        SlotCase{"overwrite 8", kOverwriteOnly, 0x2d000, 8, 8, 0, 128,
                 0x2d000 - 40},
        SlotCase{"overwrite 16", kOverwriteOnly, 0x2d000, 8, 16, 0, 128,
                 0x2d000 - 64},
        SlotCase{"overwrite 32", kOverwriteOnly, 0x2d000, 8, 32, 0, 128,
                 0x2d000 - 128},
        SlotCase{"direct-xip", kDirectXip, 0x2d000, 8, 8, 0, 128, 0x2d000 - 40},
        SlotCase{"ram-load", kRamLoad, 0x2d000, 8, 8, 0, 128, 0x2d000 - 40},
        // trailer 128 * 3 * 8 + 4 * 8 + 16 = 3120 in one sector of 4096
        SlotCase{"scratch", kSwapScratch, 0x20000, 8, 8, 0x1000, 128,
                 0x20000 - 3120},
        // trailer 32 * 3 * 8 + 48 = 816; the first sector of 256 holds 48 of
        // it, scratch needs 72
        SlotCase{"scratch with padding", kSwapScratch, 0x2000, 8, 8, 256, 32,
                 0x2000 - 816 - 24},
        // sector-rounded trailer and one sector to move into
        SlotCase{"move", kSwapMove, 0x20000, 8, 8, 0x1000, 128,
                 0x20000 - 0x1000 - 0x1000},
        SlotCase{"move, small sectors", kSwapMove, 0x20000, 8, 8, 0x400, 128,
                 0x20000 - 0x1000 - 0x400},
        // two states and a cell more: 128 * 2 * 8 + 5 * 8 + 16 = 2104
        SlotCase{"offset", kSwapOffset, 0x20000, 8, 8, 0x400, 128,
                 0x20000 - 0xc00 - 0x400}));

INSTANTIATE_TEST_SUITE_P(
    NoRoom, MaxImageEndIs,
    testing::Values(
        SlotCase{"trailer alone", kOverwriteOnly, 40, 8, 8, 0, 128, 0},
        SlotCase{"no slot", kSingleSlot, 0, 8, 8, 0, 128, 0},
        SlotCase{"no alignment", kSingleSlot, 0x10000, 8, 0, 0, 128, 0},
        SlotCase{"swap without sectors", kSwapMove, 0x20000, 8, 8, 0, 128, 0},
        SlotCase{"swap with half a sector", kSwapMove, 0x20800, 8, 8, 0x1000,
                 128, 0},
        SlotCase{"more sectors than the device lists", kSwapMove, 0x20000, 8, 8,
                 0x1000, 31, 0},
        SlotCase{"sizes that would overflow", kSwapMove, 0xfffff000, 32, 32,
                 0x80000000, 0xffffffff, 0}));

TEST(Trailer, NeedsAnAlignmentThatMcubootKnows) {
  std::array<std::byte, 80> buffer;
  for (const std::uint32_t max_align : {0U, 4U, 12U, 64U}) {
    Rules rules;
    rules.max_align = max_align;
    EXPECT_EQ(
        NameOf(WriteTrailer(rules, TrailerKind::kPad, std::byte{0xff}, buffer)
                   .error()),
        "RULES");
  }
}

TEST(Trailer, DoesNotWriteBeyondItsBuffer) {
  std::array<std::byte, 23> buffer;
  EXPECT_EQ(NameOf(WriteTrailer(Rules{}, TrailerKind::kConfirm, std::byte{0xff},
                                buffer)
                       .error()),
            "BUFFER_TOO_SMALL");
}

}  // namespace
}  // namespace bootseal::tests

// Where the NUCLEO-L552ZE-Q's slots lie, and which option bytes and NMIs it
// takes.
#include <gmock/gmock.h>

#include <string>

#include "firmware/boards/board.h"
#include "firmware/boards/flash.h"
#include "firmware/boards/nucleo-l552ze-q/layout.h"
#include "firmware/boards/stm32l5/flash_controller.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/boards/flash_model.h"

namespace bootseal::tests {
namespace {

namespace l5 = boards::stm32l5;

using boards::Slot;
using image::Error;
using image::host::AsBytes;
using testing::IsEmpty;

// Where TF-M's layout has the slots, in flash.
constexpr std::uint32_t kPrimary = 0x14000;
constexpr std::uint32_t kSecondary = 0x4a000;
constexpr std::uint32_t kPrimary1 = 0x41000;
constexpr std::uint32_t kSecondary1 = 0x77000;

const std::string kText = "sixteen letters.";
const std::string kEmpty(16, '\xff');

Error WriteText(Slot slot, std::uint32_t offset, const std::string& text) {
  return boards::WriteFlash(slot, offset, AsBytes(text));
}

Error ReadText(Slot slot, std::uint32_t offset, std::string& text) {
  return boards::ReadFlash(
      slot, offset, {reinterpret_cast<std::byte*>(text.data()), text.size()});
}

TEST(NucleoSlots, LieWhereTfMHasThem) {
  FlashModel model;
  struct Place {
    Slot slot;
    std::uint32_t offset;
    std::size_t size;
  };
  for (const Place& place :
       {Place{Slot::kPrimary, kPrimary, 0x2d000},
        {Slot::kSecondary, kSecondary, 0x2d000},
        {boards::SlotOf(1, Slot::kPrimary), kPrimary1, 0x9000},
        {boards::SlotOf(1, Slot::kSecondary), kSecondary1, 0x9000}}) {
    EXPECT_EQ(boards::MappedFlash(place.slot).size(), place.size);
    EXPECT_EQ(WriteText(place.slot, 0, kText), Error::kOk);
    EXPECT_EQ(model.Bytes(place.offset, 16), kText);
    const auto end = static_cast<std::uint32_t>(place.size);
    EXPECT_EQ(WriteText(place.slot, end - 16, kText), Error::kOk);
    EXPECT_EQ(model.Bytes(place.offset + end - 16, 16), kText);
    EXPECT_EQ(boards::EraseFlash(place.slot, end - 0x800, 0x800), Error::kOk);
    EXPECT_EQ(model.Bytes(place.offset + end - 16, 16), kEmpty);
  }
  EXPECT_EQ(boards::PrimarySlot().data(),
            boards::MappedFlash(Slot::kPrimary).data());
  EXPECT_THAT(model.violations(), IsEmpty());
}

TEST(NucleoSlots, AreFourAndTheCountersArea) {
  FlashModel model;
  const Slot none = boards::SlotOf(2, Slot::kSecondary);
  EXPECT_TRUE(boards::MappedFlash(none).empty());
  std::string text = kText;
  EXPECT_EQ(WriteText(none, 0, kText), Error::kStorage);
  EXPECT_EQ(ReadText(none, 0, text), Error::kStorage);
  EXPECT_EQ(boards::EraseFlash(none, 0, 0x1000), Error::kStorage);
}

// Two sectors, whatever their size is, and nothing of the program before it or
// of TF-M's area behind.
TEST(NucleoCounters, LieBetweenTheProgramAndWhatIsTfMs) {
  const Slot area = boards::SlotOf(2, Slot::kPrimary);
  for (const bool two_banks : {true, false}) {
    FlashModel model({.two_banks = two_banks});
    const std::uint32_t sector = boards::Flash().sector_size;
    model.Put(boards::nucleo::kProgramEnd - 8, "program.");
    model.Put(0xe000, "TF-M's..");
    EXPECT_GE(boards::MappedFlash(area).size(), 2 * sector);
    for (const std::uint32_t at : {0U, sector}) {
      EXPECT_EQ(WriteText(area, at, kText), Error::kOk);
      EXPECT_EQ(model.Bytes(boards::nucleo::kCounters + at, 16), kText);
      EXPECT_EQ(boards::EraseFlash(area, at, sector), Error::kOk);
    }
    const auto size =
        static_cast<std::uint32_t>(boards::MappedFlash(area).size());
    EXPECT_EQ(boards::EraseFlash(area, 0, size), Error::kOk);
    EXPECT_EQ(model.Bytes(boards::nucleo::kProgramEnd - 8, 8), "program.");
    EXPECT_EQ(model.Bytes(0xe000, 8), "TF-M's..");
    EXPECT_THAT(model.violations(), IsEmpty());
  }
}

// With one bank nothing of the sort; with two, page 0 of bank 2 is behind 127.
TEST(NucleoSlots, EraseAcrossTheBanksBorder) {
  for (const bool two_banks : {true, false}) {
    FlashModel model({.two_banks = two_banks});
    model.Put(0, std::string(16, 'b'));
    model.Put(l5::kBankSize - 16, std::string(32, 'x'));
    EXPECT_EQ(boards::EraseFlash(Slot::kPrimary, 0x2b000, 0x2000), Error::kOk);
    EXPECT_EQ(model.Bytes(l5::kBankSize - 16, 32), kEmpty + kEmpty);
    EXPECT_EQ(model.Bytes(0, 16), std::string(16, 'b'));
    EXPECT_THAT(model.violations(), IsEmpty());
  }
}

TEST(NucleoOptions, AreAcceptedAsTfMSetsThem) {
  for (const bool two_banks : {true, false}) {
    FlashModel model({.two_banks = two_banks});
    EXPECT_EQ(boards::FlashFlaw(), nullptr);
  }
}

TEST(NucleoOptions, AreRefusedByName) {
  struct Wrong {
    FlashOptions options;
    const char* flaw;
  };
  for (const Wrong& wrong :
       {Wrong{{.trust_zone = false}, "option byte TZEN"},
        {{.swapped = true}, "option byte SWAP_BANK"},
        {{.secure_end = 0}, "option byte SECWM2"},
        {{.secure_end = 0x40000}, "option byte SECWM2"},
        {{.secure_end = 0x80000}, "option byte SECWM2"},
        {{.secure_end = 0x41800}, "option byte SECWM2"},
        {{.two_banks = false, .secure_end = 0}, "option byte SECWM1"},
        {{.two_banks = false, .secure_end = 0x40000}, "option byte SECWM1"},
        {{.two_banks = false, .secure_end = 0x42000}, "option byte SECWM1"},
        {{.two_banks = false, .secure_end = 0x80000}, "option byte SECWM1"}}) {
    FlashModel model(wrong.options);
    EXPECT_STREQ(boards::FlashFlaw(), wrong.flaw) << wrong.options.secure_end;
  }
}

// Two banks, and only what lies in the first is to be secure.
TEST(NucleoOptions, KnowsWatermarksThatEndInTheFirstBank) {
  FlashModel model({.secure_end = 0x20000});
  EXPECT_EQ(l5::OptionFlaw(0x20000), nullptr);
  EXPECT_STREQ(l5::OptionFlaw(0x20800), "option byte SECWM1");
  EXPECT_STREQ(l5::OptionFlaw(0x1f800), "option byte SECWM1");
  EXPECT_STREQ(l5::OptionFlaw(0x41000), "option byte SECWM2");
}

TEST(NucleoNonMaskable, IsAFaultWithoutTwoWrongBits) {
  FlashModel model;
  EXPECT_FALSE(l5::ServeNonMaskable(0));
  model.Set(kPrimary, {0, Cell::kCorrected});
  model.CacheOff();
  model.LoadWord(l5::kSecureAlias + kPrimary);
  EXPECT_FALSE(l5::ServeNonMaskable(0));
}

TEST(NucleoNonMaskable, IsAFaultInTheBootloaderItself) {
  FlashModel model;
  model.CacheOff();
  for (const std::uint32_t offset : {0U, 0x400U, 0xaff8U}) {
    model.Set(offset, {0, Cell::kLost});
    model.LoadWord(l5::kSecureAlias + offset);
  }
  // One for the NMI, one as it stays pending.
  EXPECT_EQ(model.violations().size(), 6U);
}

TEST(NucleoNonMaskable, IsServedWhereACutOffWriteMayHaveBeen) {
  FlashModel model;
  model.CacheOff();
  for (const std::uint32_t offset : {0xb000U, 0xe000U, kPrimary, 0x40000U}) {
    model.Set(offset, {0, Cell::kLost});
    model.LoadWord(l5::kSecureAlias + offset);
  }
  for (const std::uint32_t offset : {kPrimary1, kSecondary, 0x7fff8U}) {
    model.Set(offset, {0, Cell::kLost});
    model.LoadWord(l5::kNonSecureAlias + offset);
  }
  EXPECT_THAT(model.violations(), IsEmpty());
}

}  // namespace
}  // namespace bootseal::tests

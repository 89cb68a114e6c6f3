// The NUCLEO-L552ZE-Q's flash driver against the rules of its controller.
#include <gmock/gmock.h>

#include <array>
#include <string>

#include "firmware/boards/board.h"
#include "firmware/boards/flash.h"
#include "firmware/boards/nucleo-l552ze-q/layout.h"
#include "firmware/boards/stm32l5/flash_controller.h"
#include "firmware/boards/stm32l5/flash_port.h"
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

Error WriteText(Slot slot, std::uint32_t offset, const std::string& text) {
  return boards::WriteFlash(slot, offset, AsBytes(text));
}

Error ReadText(Slot slot, std::uint32_t offset, std::string& text) {
  return boards::ReadFlash(
      slot, offset, {reinterpret_cast<std::byte*>(text.data()), text.size()});
}

struct World {
  const char* name;
  Slot slot;
  std::uint32_t offset;  // of the slot in flash
  std::uint32_t status, control, key;
  bool two_banks;
};

constexpr World kWorlds[] = {
    {"secure_two_banks", Slot::kPrimary, kPrimary, l5::kSecureStatus,
     l5::kSecureControl, l5::kSecureKey, true},
    {"non_secure_two_banks", Slot::kSecondary, kSecondary, l5::kNonSecureStatus,
     l5::kNonSecureControl, l5::kNonSecureKey, true},
    {"secure_one_bank", Slot::kPrimary, kPrimary, l5::kSecureStatus,
     l5::kSecureControl, l5::kSecureKey, false},
    {"non_secure_one_bank", Slot::kSecondary, kSecondary, l5::kNonSecureStatus,
     l5::kNonSecureControl, l5::kNonSecureKey, false},
};

class FlashDriver : public testing::TestWithParam<World> {
 protected:
  FlashDriver() : model_({.two_banks = GetParam().two_banks}) {}

  void TearDown() override {
    EXPECT_THAT(model_.violations(), IsEmpty());
    EXPECT_NE(model_.Get(l5::kSecureControl) & l5::kLock, 0U);
    EXPECT_NE(model_.Get(l5::kNonSecureControl) & l5::kLock, 0U);
  }

  Error Write(std::uint32_t offset, const std::string& text) {
    return WriteText(world_.slot, offset, text);
  }
  std::string There(std::uint32_t offset, std::uint32_t size) {
    return model_.Bytes(world_.offset + offset, size);
  }
  std::uint32_t page() const { return boards::Flash().sector_size; }

  const World& world_ = GetParam();
  FlashModel model_;
};

const std::string kText = "sixteen letters.";
const std::string kEmpty(16, '\xff');

TEST_P(FlashDriver, WritesDoublewordsAndReadsThemAtAnyPlace) {
  EXPECT_EQ(Write(8, kText), Error::kOk);
  EXPECT_EQ(There(8, 16), kText);
  std::string part(7, ' ');
  EXPECT_EQ(ReadText(world_.slot, 13, part), Error::kOk);
  EXPECT_EQ(part, "en lett");
  EXPECT_EQ(model_.log().size(), 2U);
}

TEST_P(FlashDriver, SaysWhatIsErasedAtOnce) {
  EXPECT_EQ(boards::Flash().write_size, 8U);
  EXPECT_EQ(boards::Flash().sector_size, world_.two_banks ? 0x800U : 0x1000U);
  EXPECT_EQ(boards::Flash().erased, std::byte{0xff});
}

TEST_P(FlashDriver, ErasesThePagesThatItIsToldAndNoOther) {
  const std::string full(3 * page(), 'x');
  model_.Put(world_.offset, full);
  EXPECT_EQ(boards::EraseFlash(world_.slot, page(), page()), Error::kOk);
  EXPECT_EQ(There(0, page()), full.substr(0, page()));
  EXPECT_EQ(There(page(), page()), std::string(page(), '\xff'));
  EXPECT_EQ(There(2 * page(), page()), full.substr(0, page()));
  EXPECT_EQ(model_.log().size(), 1U);
}

TEST_P(FlashDriver, ShowsAtOnceWhatItWroteAndErased) {
  model_.Put(world_.offset, kText);
  const image::Bytes mapped = boards::MappedFlash(world_.slot).first(16);
  std::string read(16, ' ');
  EXPECT_EQ(ReadText(world_.slot, 0, read), Error::kOk);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kOk);
  EXPECT_EQ(image::host::ToString(mapped), kEmpty);
  EXPECT_EQ(Write(0, kText), Error::kOk);
  EXPECT_EQ(image::host::ToString(mapped), kText);
}

TEST_P(FlashDriver, WritesAgainWhatWasErasedSince) {
  EXPECT_EQ(Write(0, kText), Error::kOk);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kOk);
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, RefusesToWriteOverAnythingAndChangesNothing) {
  model_.Put(world_.offset + 16, "x");
  EXPECT_EQ(Write(0, kText + kText), Error::kStorage);
  EXPECT_EQ(There(0, 16), kEmpty);
  EXPECT_THAT(model_.log(), IsEmpty());
}

// Ones that were programmed look as if erased; the controller knows better.
TEST_P(FlashDriver, RefusesWhatTheControllerDoesNotTakeForErased) {
  EXPECT_EQ(Write(0, kEmpty.substr(0, 8)), Error::kOk);
  EXPECT_EQ(Write(0, kText), Error::kStorage);
  EXPECT_EQ(There(0, 16), kEmpty);
  // Its flag is gone, or nothing would ever begin again.
  EXPECT_EQ(Write(8, kText), Error::kOk);
}

TEST_P(FlashDriver, RefusesHalvesOfADoubleword) {
  for (const std::uint32_t offset : {1U, 2U, 4U, 7U, 12U}) {
    EXPECT_EQ(Write(offset, kText), Error::kStorage) << offset;
  }
  for (const std::size_t size : {1U, 4U, 7U, 9U, 15U}) {
    EXPECT_EQ(Write(0, kText.substr(0, size)), Error::kStorage) << size;
  }
  EXPECT_THAT(model_.log(), IsEmpty());
}

TEST_P(FlashDriver, RefusesPartsOfAPage) {
  const std::uint32_t all = page();
  for (const auto& [offset, size] : {std::pair{8U, all},
                                     {all / 2, all},
                                     {0U, 8U},
                                     {0U, all / 2},
                                     {0U, all + 8},
                                     {1U, all}}) {
    EXPECT_EQ(boards::EraseFlash(world_.slot, offset, size), Error::kStorage)
        << offset << " " << size;
  }
  EXPECT_THAT(model_.log(), IsEmpty());
}

TEST_P(FlashDriver, RefusesWhatIsOutsideTheSlot) {
  const auto size =
      static_cast<std::uint32_t>(boards::MappedFlash(world_.slot).size());
  for (const std::uint32_t offset : {size, size - 8, size + 8, 0xfffffff8U}) {
    std::string text = kText;
    EXPECT_EQ(Write(offset, text), Error::kStorage) << offset;
    EXPECT_EQ(ReadText(world_.slot, offset, text), Error::kStorage) << offset;
  }
  for (const std::uint32_t offset : {size, size + page(), 0U - page()}) {
    EXPECT_EQ(boards::EraseFlash(world_.slot, offset, page()), Error::kStorage);
  }
  EXPECT_EQ(boards::EraseFlash(world_.slot, page(), size), Error::kStorage);
  EXPECT_EQ(boards::EraseFlash(world_.slot, page(), 0U - page()),
            Error::kStorage);
  EXPECT_THAT(model_.log(), IsEmpty());
}

TEST_P(FlashDriver, HandsOnEveryErrorAndClearsIt) {
  for (const std::uint32_t flag :
       {l5::kOperationError, l5::kProgrammingError, l5::kProtectionError,
        l5::kAlignmentError, l5::kSizeError, l5::kSequenceError}) {
    model_.FailNextWith(flag);
    EXPECT_EQ(Write(0, kText), Error::kStorage) << flag;
    model_.FailNextWith(flag);
    EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kStorage);
    EXPECT_EQ(model_.Get(world_.status) & l5::kErrors, 0U) << flag;
  }
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, StopsAtTheFirstErrorOfSeveralPages) {
  model_.Put(world_.offset, std::string(3 * page(), 'x'));
  model_.FailNextWith(l5::kOperationError);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, 3 * page()), Error::kStorage);
  EXPECT_THAT(model_.log(), IsEmpty());
}

// Left behind by whoever used the controller before a reset of the core.
TEST_P(FlashDriver, ClearsErrorsOfOthersFirst) {
  model_.SetRegister(world_.key, l5::kKey1);
  model_.SetRegister(world_.key, l5::kKey2);
  model_.StoreWord(l5::kSecureAlias * (world_.slot == Slot::kPrimary) +
                       l5::kNonSecureAlias * (world_.slot != Slot::kPrimary) +
                       world_.offset,
                   0);
  EXPECT_NE(model_.Get(world_.status) & l5::kSequenceError, 0U);
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, WaitsForAsLongAsItTakes) {
  model_.BusyFor(100'000);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kOk);
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, DoesNotWaitForever) {
  model_.BusyFor(UINT32_MAX);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kStorage);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kStorage);
  EXPECT_EQ(Write(page(), kText), Error::kStorage);
  EXPECT_EQ(model_.log().size(), 1U);
  // What it may not write while it is busy it cannot lock either.
  EXPECT_FALSE(model_.violations().empty());
  model_.Reset();
  model_.BackToMark();
}

// By whoever ran before: nothing unlocks until the next reset.
TEST_P(FlashDriver, RefusesWhenAWrongKeyLockedTheController) {
  model_.SetRegister(world_.key, 0x12345678);
  EXPECT_EQ(model_.violations().size(), 1U);
  model_.Mark();
  EXPECT_EQ(Write(0, kText), Error::kStorage);
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kStorage);
  EXPECT_THAT(model_.log(), IsEmpty());
  model_.BackToMark();
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, UnlocksNothingThatIsOpen) {
  model_.SetRegister(world_.key, l5::kKey1);
  model_.SetRegister(world_.key, l5::kKey2);
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, RefusesWhatIsWriteProtected) {
  const std::uint32_t in_bank =
      world_.two_banks ? l5::kBankSize : l5::kFlashSize;
  const std::uint32_t first = world_.offset % in_bank / page();
  const bool second = world_.two_banks && world_.offset >= l5::kBankSize;
  for (const std::uint32_t area :
       {second ? l5::kProtection2A : l5::kProtection1A,
        second ? l5::kProtection2B : l5::kProtection1B}) {
    FlashModel model({.two_banks = world_.two_banks,
                      .protection = {{area, first | first << 16}}});
    EXPECT_EQ(Write(0, kText), Error::kStorage);
    EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kStorage);
    EXPECT_EQ(Write(page(), kText), Error::kOk);
    EXPECT_EQ(boards::EraseFlash(world_.slot, 0, 2 * page()), Error::kStorage);
    EXPECT_EQ(model.Bytes(world_.offset + page(), 16), kText);
    EXPECT_THAT(model.violations(), IsEmpty());
  }
}

TEST_P(FlashDriver, NoticesABitThatWasNotProgrammed) {
  model_.SpoilNext();
  EXPECT_EQ(Write(0, kText), Error::kStorage);
}

TEST_P(FlashDriver, SaysThatADoublewordCannotBeReadAndGoesOn) {
  model_.Put(world_.offset, kText + kText);
  model_.Set(world_.offset + 8, {0x123, Cell::kLost});
  for (const std::uint32_t offset : {8U, 15U, 1U}) {
    std::string text(8, ' ');
    EXPECT_EQ(ReadText(world_.slot, offset, text), Error::kStorage) << offset;
  }
  std::string text(8, ' ');
  EXPECT_EQ(ReadText(world_.slot, 16, text), Error::kOk);
  EXPECT_EQ(text, kText.substr(0, 8));
  EXPECT_EQ(ReadText(world_.slot, 0, text), Error::kOk);
}

// Both ways: with one bank the two are read at once.
TEST_P(FlashDriver, DoesNotBlameADoublewordForItsNeighbour) {
  for (const std::uint32_t lost : {0U, 8U}) {
    FlashModel model({.two_banks = world_.two_banks});
    model.Put(world_.offset, kText);
    model.Set(world_.offset + lost, {0, Cell::kLost});
    const std::uint32_t good = 8 - lost;
    std::string text(8, ' ');
    EXPECT_EQ(ReadText(world_.slot, good, text), Error::kOk) << lost;
    EXPECT_EQ(text, kText.substr(good, 8));
    EXPECT_EQ(ReadText(world_.slot, lost, text), Error::kStorage) << lost;
    EXPECT_THAT(model.violations(), IsEmpty());
  }
}

TEST_P(FlashDriver, StillSaysSoWhenItWasReadBefore) {
  model_.Set(world_.offset, {0, Cell::kLost});
  std::string text(8, ' ');
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(ReadText(world_.slot, 0, text), Error::kStorage) << time;
  }
}

TEST_P(FlashDriver, ReadsWhatOneWrongBitLeaves) {
  model_.Set(world_.offset, {0x4142434445464748, Cell::kCorrected});
  std::string text(8, ' ');
  EXPECT_EQ(ReadText(world_.slot, 0, text), Error::kOk);
  EXPECT_EQ(text, "HGFEDCBA");
}

// It reads as ones, and programming it fails.
TEST_P(FlashDriver, DoesNotTakeAHalfProgrammedDoublewordForErased) {
  model_.Set(world_.offset, {~std::uint64_t{0}, Cell::kWeak});
  std::string text(8, ' ');
  EXPECT_EQ(ReadText(world_.slot, 0, text), Error::kStorage);
  EXPECT_EQ(Write(0, kText), Error::kStorage);
  EXPECT_THAT(model_.log(), IsEmpty());
  EXPECT_EQ(boards::EraseFlash(world_.slot, 0, page()), Error::kOk);
  EXPECT_EQ(Write(0, kText), Error::kOk);
}

TEST_P(FlashDriver, RefusesToWriteWhereNothingCanBeRead) {
  model_.Set(world_.offset + 8, {~std::uint64_t{0}, Cell::kLost});
  EXPECT_EQ(Write(0, kText), Error::kStorage);
  EXPECT_THAT(model_.log(), IsEmpty());
}

TEST_P(FlashDriver, TearsNothingButWhatItWasAbout) {
  model_.CutAt({1, PowerCut::Tear::kLost, 0});
  EXPECT_EQ(Write(0, kText + kText), Error::kStorage);
  EXPECT_EQ(There(0, 8), kText.substr(0, 8));
  EXPECT_EQ(model_.At(world_.offset + 8).cell, Cell::kLost);
  EXPECT_EQ(There(16, 16), kEmpty);
  model_.Reset();
  EXPECT_EQ(Write(16, kText), Error::kOk);
}

INSTANTIATE_TEST_SUITE_P(Nucleo, FlashDriver, testing::ValuesIn(kWorlds),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace bootseal::tests

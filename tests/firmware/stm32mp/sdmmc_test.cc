#include <string>
#include <vector>

#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using image::Error;
using testing::Each;
using testing::Not;

class Sdmmc : public ChipCase {
 protected:
  Sdmmc() {
    for (std::size_t i = 0; i < chip_.sdmmc.card.content.size(); ++i) {
      chip_.sdmmc.card.content[i] = static_cast<char>(i * 7 + i / 512);
    }
  }

  Error Read(std::uint64_t block, std::size_t blocks = 1) {
    words_.assign(blocks * 128, 0xeeeeeeee);
    return boards::ReadStorage(
        block, {reinterpret_cast<std::byte*>(words_.data()), blocks * 512});
  }
  std::string Text() const {
    return {reinterpret_cast<const char*>(words_.data()), 4 * words_.size()};
  }
  std::string There(std::size_t block, std::size_t blocks = 1) const {
    return chip_.sdmmc.card.content.substr(512 * block, 512 * blocks);
  }
  void Fail(SdmmcFault::Kind kind, std::uint32_t command = 17,
            std::uint32_t times = UINT32_MAX) {
    chip_.sdmmc.fault = {kind, command, times};
  }

  std::vector<std::uint32_t> words_;
};

TEST_F(Sdmmc, ReadsACardOfStandardCapacity) {
  const auto blocks = boards::OpenStorage();
  ASSERT_TRUE(blocks.ok());
  EXPECT_EQ(*blocks, 2048U);
  EXPECT_EQ(Read(5, 3), Error::kOk);
  EXPECT_EQ(Text(), There(5, 3));
  EXPECT_EQ(Read(2047), Error::kOk);
  EXPECT_EQ(Text(), There(2047));
}

TEST_F(Sdmmc, ReadsACardOfHighCapacityByBlocks) {
  chip_.sdmmc.card.high_capacity = true;
  const auto blocks = boards::OpenStorage();
  ASSERT_TRUE(blocks.ok());
  EXPECT_EQ(*blocks, 2048U);
  EXPECT_EQ(Read(7), Error::kOk);
  EXPECT_EQ(Text(), There(7));
}

TEST_F(Sdmmc, ReadsACardOfVersion1) {
  chip_.sdmmc.card.version1 = true;
  ASSERT_TRUE(boards::OpenStorage().ok());
  EXPECT_EQ(Read(1), Error::kOk);
  EXPECT_EQ(Text(), There(1));
}

TEST_F(Sdmmc, GoesSlowlyUntilTheCardIsIdentifiedAndNeverTooFast) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  EXPECT_EQ(chip_.sdmmc.hertz(), 16'000'000U);
}

TEST_F(Sdmmc, KeepsItsRatesWhenTheOscillatorIsDivided) {
  chip_.Rcc(chip_.is_15 ? 0x018 : 0x440) = 2;
  ASSERT_TRUE(boards::OpenStorage().ok());
  EXPECT_EQ(chip_.sdmmc.hertz(), 8'000'000U);
  EXPECT_EQ(Read(0), Error::kOk);
}

// A core that is too slow for the bus holds the clock.
TEST_F(Sdmmc, LosesNothingWhenDataComesFasterThanItIsRead) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  chip_.sdmmc.words_at_once = 100;
  EXPECT_EQ(Read(3, 2), Error::kOk);
  EXPECT_EQ(Text(), There(3, 2));
  EXPECT_EQ(chip_.sdmmc.max_fifo, 16U);
}

TEST_F(Sdmmc, ReadsWordsThatComeOneByOne) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  chip_.sdmmc.words_at_once = 1;
  EXPECT_EQ(Read(3), Error::kOk);
  EXPECT_EQ(Text(), There(3));
}

TEST_F(Sdmmc, SaysThatThereIsNoCard) {
  chip_.sdmmc.card.absent = true;
  EXPECT_EQ(boards::OpenStorage().error(), Error::kStorage);
}

TEST_F(Sdmmc, GivesUpOnACardThatNeverPowersUp) {
  chip_.sdmmc.card.power_up = UINT32_MAX;
  EXPECT_EQ(boards::OpenStorage().error(), Error::kStorage);
}

TEST_F(Sdmmc, RefusesACardThatFailsInAnyStepOfItsIdentification) {
  for (const std::uint32_t command : {2U, 3U, 7U, 9U, 16U, 41U, 55U}) {
    Fail(SdmmcFault::kNoAnswer, command);
    EXPECT_EQ(boards::OpenStorage().error(), Error::kStorage) << command;
  }
  for (const std::uint32_t command : {2U, 3U, 7U, 9U, 16U, 55U}) {
    Fail(SdmmcFault::kCommandCrc, command);
    EXPECT_EQ(boards::OpenStorage().error(), Error::kStorage) << command;
  }
  for (const std::uint32_t command : {3U, 7U, 16U, 55U}) {
    Fail(SdmmcFault::kOtherIndex, command);
    EXPECT_EQ(boards::OpenStorage().error(), Error::kStorage) << command;
  }
  Fail(SdmmcFault::kNone);
  EXPECT_TRUE(boards::OpenStorage().ok());
}

// R3 has no CRC.
TEST_F(Sdmmc, DoesNotCheckACrcWhereThereIsNone) {
  Fail(SdmmcFault::kCommandCrc, 41);
  EXPECT_TRUE(boards::OpenStorage().ok());
}

TEST_F(Sdmmc, ReadsAgainWhatFailedOnce) {
  for (const auto kind :
       {SdmmcFault::kCommandCrc, SdmmcFault::kNoAnswer, SdmmcFault::kDataCrc,
        SdmmcFault::kDataTimeout, SdmmcFault::kShortData}) {
    Fail(SdmmcFault::kNone);
    ASSERT_TRUE(boards::OpenStorage().ok());
    Fail(kind, 17, 1);
    EXPECT_EQ(Read(9), Error::kOk) << kind;
    EXPECT_EQ(Text(), There(9));
  }
}

TEST_F(Sdmmc, RefusesWhatFailsEachTime) {
  for (const auto kind : {SdmmcFault::kCommandCrc, SdmmcFault::kNoAnswer,
                          SdmmcFault::kDataCrc, SdmmcFault::kDataTimeout,
                          SdmmcFault::kShortData, SdmmcFault::kLongData}) {
    Fail(SdmmcFault::kNone);
    ASSERT_TRUE(boards::OpenStorage().ok());
    Fail(kind);
    EXPECT_EQ(Read(9), Error::kStorage) << kind;
    // And is ready for the next one.
    Fail(SdmmcFault::kNone);
    EXPECT_EQ(Read(10), Error::kOk) << kind;
    EXPECT_EQ(Text(), There(10));
  }
}

TEST_F(Sdmmc, StopsATransferThatFailed) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  chip_.sdmmc.commands.clear();
  Fail(SdmmcFault::kDataTimeout);
  EXPECT_EQ(Read(9), Error::kStorage);
  EXPECT_THAT(chip_.sdmmc.commands,
              testing::ElementsAre(17, 12, 17, 12, 17, 12));
}

TEST_F(Sdmmc, DoesNotWaitForeverForDataThatNeverComes) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  Fail(SdmmcFault::kNoData, 17, 1);
  EXPECT_EQ(Read(9), Error::kOk);
}

TEST_F(Sdmmc, DoesNotWaitForeverForAControllerThatIsSilent) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  Fail(SdmmcFault::kSilence, 17, 1);
  EXPECT_EQ(Read(9), Error::kOk);
}

TEST_F(Sdmmc, DoesNotWaitForeverForACardThatIsBusy) {
  Fail(SdmmcFault::kBusyForever, 7);
  EXPECT_EQ(boards::OpenStorage().error(), Error::kStorage);
}

TEST_F(Sdmmc, RefusesBlocksBehindTheCardWithoutAsking) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  chip_.sdmmc.commands.clear();
  EXPECT_EQ(Read(2048), Error::kStorage);
  EXPECT_EQ(Read(2047, 2), Error::kStorage);
  EXPECT_EQ(Read(UINT64_MAX), Error::kStorage);
  EXPECT_THAT(chip_.sdmmc.commands, testing::IsEmpty());
}

TEST_F(Sdmmc, NoticesACardThatIsTakenOut) {
  ASSERT_TRUE(boards::OpenStorage().ok());
  chip_.sdmmc.card.absent = true;
  EXPECT_EQ(Read(0), Error::kStorage);
  chip_.sdmmc.card.absent = false;
  ASSERT_TRUE(boards::OpenStorage().ok());
  EXPECT_EQ(Read(0), Error::kOk);
}

}  // namespace
}  // namespace bootseal::tests

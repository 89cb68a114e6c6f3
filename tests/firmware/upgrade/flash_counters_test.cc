// Counters in flash: they go up, never down, whatever becomes of the power.
#include <gmock/gmock.h>

#include <iostream>

#include "firmware/boards/counters.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/firmware/upgrade/simulated_flash.h"

namespace bootseal::tests {
namespace {

using boards::kCounterArea;
using boards::RaiseCounter;
using boards::ReadCounter;
using image::Error;
using testing::IsEmpty;

class FlashCounters : public testing::TestWithParam<std::uint32_t> {
 protected:
  FlashCounters() { Reset(); }
  void Reset() {
    flash_.reset();
    flash_.emplace(
        boards::FlashGeometry{GetParam(), kSectorSize, std::byte{0xff}},
        kSlotSize);
  }
  std::uint32_t Records() const {
    return kSectorSize / std::max(GetParam(), std::uint32_t{16});
  }
  // Image 0 goes up by one each time, image 1 every third time by 1000.
  static Error Raise(std::uint32_t step) {
    if (step % 3 == 2) return RaiseCounter(1, 1000 * (step / 3 + 1));
    return RaiseCounter(0, step + 1);
  }

  std::optional<SimulatedFlash> flash_;
};

TEST_P(FlashCounters, AreZeroBeforeTheyWereRaised) {
  EXPECT_EQ(*ReadCounter(0), 0U);
  EXPECT_EQ(*ReadCounter(1), 0U);
  EXPECT_EQ(flash_->operations(), 0U);
}

TEST_P(FlashCounters, AreZeroInAnAreaOfZeros) {
  flash_->Put(kCounterArea, 0, std::string(2 * kSectorSize, '\0'));
  EXPECT_EQ(*ReadCounter(0), 0U);
  EXPECT_EQ(RaiseCounter(0, 5), Error::kOk);
  EXPECT_EQ(*ReadCounter(0), 5U);
  EXPECT_THAT(flash_->violations(), IsEmpty());
}

TEST_P(FlashCounters, TakeTheHighestValue) {
  EXPECT_EQ(RaiseCounter(1, boards::HighestCounter()), Error::kOk);
  EXPECT_EQ(*ReadCounter(1), boards::HighestCounter());
  EXPECT_EQ(*ReadCounter(0), 0U);
}

TEST_P(FlashCounters, DoNotGoDown) {
  ASSERT_EQ(RaiseCounter(0, 7), Error::kOk);
  const std::uint64_t operations = flash_->operations();
  EXPECT_EQ(RaiseCounter(0, 6), Error::kOk);
  EXPECT_EQ(RaiseCounter(0, 7), Error::kOk);
  EXPECT_EQ(*ReadCounter(0), 7U);
  EXPECT_EQ(flash_->operations(), operations);
}

TEST_P(FlashCounters, AreThoseOfTwoImages) {
  EXPECT_EQ(ReadCounter(boards::kCounters).error(), Error::kStorage);
  EXPECT_EQ(RaiseCounter(boards::kCounters, 1), Error::kStorage);
}

TEST_P(FlashCounters, TakeNoRecordWithABitChanged) {
  ASSERT_EQ(RaiseCounter(0, 7), Error::kOk);
  const std::string record = flash_->Get(kCounterArea, kSectorSize, 16);
  for (std::size_t bit = 0; bit < 8 * record.size(); ++bit) {
    std::string spoilt = record;
    spoilt[bit / 8] = static_cast<char>(spoilt[bit / 8] ^ 1 << bit % 8);
    flash_->Put(kCounterArea, kSectorSize, spoilt);
    EXPECT_EQ(*ReadCounter(0), 0U) << bit;
  }
}

TEST_P(FlashCounters, GoOnInTheOtherSectorWhenOneIsFull) {
  for (std::uint32_t step = 0; step < 5 * Records(); ++step) {
    ASSERT_EQ(Raise(step), Error::kOk);
  }
  EXPECT_EQ(*ReadCounter(1), 1000 * (5 * Records() / 3));
  EXPECT_THAT(flash_->violations(), IsEmpty());
}

// The flash says that it went well, and it did not.
TEST_P(FlashCounters, GoOnInTheOtherSectorWhenACellDoesNotTakeItsBits) {
  ASSERT_EQ(RaiseCounter(0, 7), Error::kOk);
  flash_->SpoilAt(flash_->operations());
  EXPECT_EQ(RaiseCounter(0, 8), Error::kOk);
  EXPECT_EQ(*ReadCounter(0), 8U);
}

TEST_P(FlashCounters, HaveTheOldValueOrTheNewOneWhereverPowerGoes) {
  const std::uint32_t steps = 2 * Records() + 3;
  for (std::uint32_t step = 0; step < steps; ++step) {
    ASSERT_EQ(Raise(step), Error::kOk);
  }
  const std::vector<Operation> log = flash_->log();
  int cuts = 0;
  for (std::uint64_t number = 0; number < log.size(); ++number) {
    for (const Cut& cut : PowerCuts::TearsOf(number, log[number])) {
      Reset();
      flash_->CutAt(cut);
      ++cuts;
      for (std::uint32_t step = 0; step < steps; ++step) {
        const std::uint32_t before[] = {*ReadCounter(0), *ReadCounter(1)};
        const Error raised = Raise(step);
        if (raised == Error::kOk) continue;
        ASSERT_TRUE(flash_->is_off());
        flash_->PowerOn();
        const int image = step % 3 == 2 ? 1 : 0;
        const std::uint32_t now[] = {*ReadCounter(0), *ReadCounter(1)};
        ASSERT_EQ(now[1 - image], before[1 - image]);
        ASSERT_TRUE(now[image] == before[image] ||
                    now[image] ==
                        (image == 1 ? 1000 * (step / 3 + 1) : step + 1));
        ASSERT_EQ(Raise(step), Error::kOk);
      }
      ASSERT_EQ(*ReadCounter(0), steps - (steps % 3 == 0 ? 1 : 0));
      ASSERT_EQ(*ReadCounter(1), 1000 * (steps / 3));
      ASSERT_THAT(flash_->violations(), IsEmpty());
    }
  }
  std::cout << "power cuts: " << cuts << " at " << log.size()
            << " operations, 0 failures\n";
}

INSTANTIATE_TEST_SUITE_P(WriteSizes, FlashCounters,
                         testing::Values(1, 8, 16, 32));

}  // namespace
}  // namespace bootseal::tests

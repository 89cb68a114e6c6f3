#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using Watchdog = ChipCase;

TEST_F(Watchdog, RunsForTheSecondsItSays) {
  const std::uint32_t seconds = boards::StartWatchdog();
  EXPECT_EQ(seconds, 16U);
  EXPECT_TRUE(chip_.iwdg.running);
  EXPECT_DOUBLE_EQ(chip_.iwdg.seconds(), seconds);
  EXPECT_GE(chip_.iwdg.feeds, 1U);
}

TEST_F(Watchdog, IsFedEachTime) {
  boards::StartWatchdog();
  const std::uint32_t before = chip_.iwdg.feeds;
  boards::FeedWatchdog();
  boards::FeedWatchdog();
  EXPECT_EQ(chip_.iwdg.feeds, before + 2);
}

TEST_F(Watchdog, TakesItsTimeWhenOtpHadStartedItBefore) {
  chip_.iwdg.running = true;
  chip_.iwdg.prescaler = 4;
  chip_.iwdg.reload = 100;
  EXPECT_EQ(boards::StartWatchdog(), 16U);
  EXPECT_DOUBLE_EQ(chip_.iwdg.seconds(), 16);
}

// The registers of the slow clock's side take no second value meanwhile.
TEST_F(Watchdog, WaitsForAValueThatIsOnItsWay) {
  chip_.iwdg.updates = 3;
  chip_.iwdg.until_taken = 50'000;
  EXPECT_EQ(boards::StartWatchdog(), 16U);
}

TEST_F(Watchdog, SaysThatItDoesNotRunWithoutItsClock) {
  chip_.iwdg.clock_dead = true;
  EXPECT_EQ(boards::StartWatchdog(), 0U);
}

TEST_F(Watchdog, SaysThatItDoesNotRunWhenAValueIsNeverTaken) {
  chip_.iwdg.clock_dead = true;
  chip_.iwdg.updates = 2;
  chip_.iwdg.until_taken = 1;
  EXPECT_EQ(boards::StartWatchdog(), 0U);
  EXPECT_EQ(chip_.iwdg.reload, 0xfffU);
}

TEST_F(Watchdog, StaysLockedAfterwards) {
  boards::StartWatchdog();
  EXPECT_FALSE(chip_.iwdg.open);
  boards::FeedWatchdog();
  EXPECT_FALSE(chip_.iwdg.open);
}

}  // namespace
}  // namespace bootseal::tests

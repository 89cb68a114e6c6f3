#include "client/login/period.h"

#include <gtest/gtest.h>

#include "absl/time/time.h"

namespace bootseal::login {
namespace {

const absl::Time kBegin = absl::FromUnixSeconds(1'700'000'000);

Period Days(int days) { return {kBegin, kBegin + absl::Hours(24 * days)}; }

TEST(Period, IsValidFromItsFirstToItsLastMoment) {
  const Period period = Days(90);
  const absl::Duration second = absl::Seconds(1);
  EXPECT_EQ(StateAt(period, period.begin - second), State::kNotYetValid);
  EXPECT_EQ(StateAt(period, period.begin), State::kValid);
  EXPECT_EQ(StateAt(period, period.end), State::kExpiresSoon);
  EXPECT_EQ(StateAt(period, period.end + second), State::kExpired);
}

TEST(Period, ExpiresSoonWithinItsLastSevenDays) {
  const Period period = Days(90);
  const absl::Time notice = period.end - absl::Hours(7 * 24);
  EXPECT_EQ(StateAt(period, notice), State::kValid);
  EXPECT_EQ(StateAt(period, notice + absl::Seconds(1)), State::kExpiresSoon);
}

TEST(Period, OfADayExpiresSoonOnlyInItsLastThird) {
  const Period period = Days(1);
  EXPECT_EQ(StateAt(period, period.begin + absl::Hours(15)), State::kValid);
  EXPECT_EQ(StateAt(period, period.begin + absl::Hours(17)),
            State::kExpiresSoon);
}

TEST(Period, TellsItsEndInTheLargestUnitOfWhichThereAreTwo) {
  const Period period = Days(90);
  const auto words = [&](absl::Duration left) {
    return EndInWords(period, period.end - left);
  };
  const std::string end = "2024-02-12 22:13:20 UTC, ";
  EXPECT_EQ(words(absl::Hours(49)), end + "in 2 days");
  EXPECT_EQ(words(absl::Hours(47)), end + "in 47 hours");
  EXPECT_EQ(words(absl::Minutes(119)), end + "in 119 minutes");
  EXPECT_EQ(words(absl::Seconds(90)), end + "in 90 seconds");
  EXPECT_EQ(words(absl::ZeroDuration()), end + "in a second");
  EXPECT_EQ(words(-absl::Hours(72)), end + "3 days ago");
}

}  // namespace
}  // namespace bootseal::login

#include "server/call_rate.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/rpc_status.h"
#include "tests/support/status_matchers.h"

namespace bootseal::server {
namespace {

using ::testing::AllOf;
using tests::MessageHas;
using tests::StatusIs;

const auto kTooOften =
    StatusIs(absl::StatusCode::kResourceExhausted, "CALL_RATE");

class SetClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
};

// What the caller is told to wait; zero when it may call.
absl::Duration Wait(const absl::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(ToRpcStatus(status).error_details());
  google::rpc::RetryInfo retry;
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&retry)) continue;
    return absl::Seconds(retry.retry_delay().seconds()) +
           absl::Nanoseconds(retry.retry_delay().nanos());
  }
  return absl::ZeroDuration();
}

int CallsAtOnce(CallRate& rate, const std::string& identity) {
  int calls = 0;
  while (calls < 100'000 && rate.Take(identity).ok()) ++calls;
  return calls;
}

TEST(CallRate, CountsWhatComesBackWithTime) {
  struct Case {
    const char* name;
    std::uint32_t per_second;
    absl::Duration later;  // after the bucket was emptied
    int calls;             // that fit then, at once
    absl::Duration wait;   // of the one after those
  };
  const Case kCases[] = {
      {"NothingAtOnce", 100, absl::ZeroDuration(), 0, absl::Milliseconds(10)},
      {"NotQuiteACall", 100, absl::Milliseconds(9), 0, absl::Milliseconds(1)},
      {"OneCall", 100, absl::Milliseconds(10), 1, absl::Milliseconds(10)},
      {"OneAndAHalf", 100, absl::Milliseconds(15), 1, absl::Milliseconds(5)},
      {"ASecond", 100, absl::Seconds(1), 100, absl::Milliseconds(10)},
      {"AllOfIt", 100, absl::Seconds(10), 1000, absl::Milliseconds(10)},
      {"NeverMoreThanThat", 100, absl::Hours(24), 1000, absl::Milliseconds(10)},
      {"OneASecond", 1, absl::Seconds(3), 3, absl::Seconds(1)},
      {"ThirdsRoundedUp", 3, absl::ZeroDuration(), 0, absl::Milliseconds(334)},
      {"ClockSetBack", 100, absl::Seconds(-3600), 0, absl::Milliseconds(10)},
  };
  for (const Case& each : kCases) {
    SetClock clock;
    CallRate rate(each.per_second, clock);
    const int full = static_cast<int>(each.per_second) * 10;
    ASSERT_EQ(CallsAtOnce(rate, "ci"), full) << each.name;
    clock.now += each.later;
    EXPECT_EQ(CallsAtOnce(rate, "ci"), each.calls) << each.name;
    EXPECT_EQ(Wait(rate.Take("ci")), each.wait) << each.name;
  }
}

TEST(CallRate, TakesACallThatComesWhenItWasToldTo) {
  SetClock clock;
  CallRate rate(7, clock);
  CallsAtOnce(rate, "ci");
  for (int i = 0; i < 1000; ++i) {
    const absl::Status early = rate.Take("ci");
    ASSERT_THAT(early, kTooOften);
    clock.now += Wait(early);
    ASSERT_OK(rate.Take("ci")) << i;
  }
}

TEST(CallRate, CostsNothingToBeRefused) {
  SetClock clock;
  CallRate rate(10, clock);
  CallsAtOnce(rate, "ci");
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(rate.Take("ci"), kTooOften);
  clock.now += absl::Milliseconds(100);
  EXPECT_OK(rate.Take("ci"));
}

TEST(CallRate, LeavesOthersTheirs) {
  SetClock clock;
  CallRate rate(10, clock);
  CallsAtOnce(rate, "ci");
  EXPECT_EQ(CallsAtOnce(rate, "alice"), 100);
}

TEST(CallRate, SaysWhoseLimitItIsAndWhereItIsSet) {
  SetClock clock;
  CallRate rate(10, clock);
  CallsAtOnce(rate, "ci");
  EXPECT_THAT(rate.Take("ci"),
              AllOf(MessageHas("identity ci made more than 10 calls"),
                    MessageHas("limits.max_calls_per_second")));
}

TEST(CallRate, ComesBackWhenAClockThatWasSetBackGoesOn) {
  SetClock clock;
  CallRate rate(10, clock);
  CallsAtOnce(rate, "ci");
  clock.now -= absl::Hours(24);
  EXPECT_THAT(rate.Take("ci"), kTooOften);
  clock.now += CallRate::kBurst;
  EXPECT_EQ(CallsAtOnce(rate, "ci"), 100);
}

TEST(CallRate, ForgetsThoseWhoDoNotCallAnyMore) {
  SetClock clock;
  CallRate rate(10, clock);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_OK(rate.Take(absl::StrCat("person-", i)));
    clock.now += absl::Milliseconds(10);
  }
  // Each bucket is full after 100 ms: ten are not.
  EXPECT_LE(rate.remembered(), 64U);
}

TEST(CallRate, ForgetsNobodyWhoseBucketIsNotFull) {
  SetClock clock;
  CallRate rate(1, clock);
  CallsAtOnce(rate, "ci");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_OK(rate.Take(absl::StrCat("person-", i)));
  }
  EXPECT_THAT(rate.Take("ci"), kTooOften);
}

}  // namespace
}  // namespace bootseal::server

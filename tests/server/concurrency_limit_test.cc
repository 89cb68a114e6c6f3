#include "server/concurrency_limit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/call_limits.h"
#include "tests/support/status_matchers.h"

namespace bootseal::server {
namespace {

using ::testing::AllOf;
using tests::MessageHas;
using tests::StatusIs;
using Place = ConcurrencyLimit::Place;

static_assert(!std::is_copy_constructible_v<Place>);
static_assert(!std::is_default_constructible_v<Place>);

const auto kFull =
    StatusIs(absl::StatusCode::kResourceExhausted, "TOO_MANY_REQUESTS");
const auto kBusy =
    StatusIs(absl::StatusCode::kResourceExhausted, "IDENTITY_BUSY");

// Takes `count` places that are there.
std::vector<Place> Taken(ConcurrencyLimit& limit, const std::string& identity,
                         int count) {
  std::vector<Place> places;
  for (int i = 0; i < count; ++i) {
    auto place = limit.Take(identity);
    EXPECT_OK(place);
    if (place.ok()) places.push_back(*std::move(place));
  }
  return places;
}

TEST(ConcurrencyLimit, RefusesWhatIsBeyondTheShareOfAnIdentity) {
  ConcurrencyLimit limit("requests under way", {8, 3});
  const auto places = Taken(limit, "ci", 3);
  const auto excess = limit.Take("ci");
  EXPECT_THAT(excess, kBusy);
  EXPECT_THAT(excess, AllOf(MessageHas("identity ci has 3 requests under way"),
                            MessageHas("limits.max_requests_per_identity")));
}

TEST(ConcurrencyLimit, LeavesOthersRoomWhenOneIdentityHasItsShare) {
  ConcurrencyLimit limit("requests under way", {8, 4});
  const auto places = Taken(limit, "ci", 4);
  EXPECT_THAT(limit.Take("ci"), kBusy);
  EXPECT_EQ(Taken(limit, "alice", 4).size(), 4U);
}

TEST(ConcurrencyLimit, RefusesEverybodyWhenNoPlaceIsFree) {
  ConcurrencyLimit limit("requests under way", {4, 2});
  const auto first = Taken(limit, "ci", 2);
  const auto second = Taken(limit, "alice", 2);
  const auto excess = limit.Take("bob");
  EXPECT_THAT(excess, kFull);
  EXPECT_THAT(excess, AllOf(MessageHas("4 requests under way"),
                            MessageHas("limits.max_concurrent_requests")));
  EXPECT_THAT(limit.Take("ci"), kFull);
}

TEST(ConcurrencyLimit, TakesAPlaceBackWithItsObject) {
  ConcurrencyLimit limit("requests under way", {2, 1});
  for (int i = 0; i < 100; ++i) {
    const auto places = Taken(limit, absl::StrCat("person-", i % 3), 1);
  }
  const auto places = Taken(limit, "ci", 1);
  EXPECT_THAT(limit.Take("ci"), kBusy);
}

TEST(ConcurrencyLimit, TakesAPlaceThatMovedBackOnce) {
  ConcurrencyLimit limit("requests under way", {2, 2});
  std::optional<Place> kept;
  {
    auto place = limit.Take("ci");
    ASSERT_OK(place);
    kept.emplace(*std::move(place));
  }
  const auto places = Taken(limit, "ci", 1);
  EXPECT_THAT(limit.Take("ci"), kFull);
  kept.reset();
  EXPECT_OK(limit.Take("ci"));
}

TEST(ConcurrencyLimit, KeepsAPlaceWhenItsRefusalsEnd) {
  ConcurrencyLimit limit("requests under way", {2, 1});
  const auto places = Taken(limit, "ci", 1);
  for (int i = 0; i < 10; ++i) EXPECT_THAT(limit.Take("ci"), kBusy);
}

TEST(ConcurrencyLimit, HoldsItsBoundsUnderManyThreads) {
  ConcurrencyLimit limit("requests under way", {4, 2});
  std::atomic<int> held[2] = {0, 0};
  std::atomic<int> most[2] = {0, 0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, who = number % 2] {
      for (int i = 0; i < 2000; ++i) {
        const auto place = limit.Take(who == 0 ? "ci" : "alice");
        if (!place.ok()) continue;
        const int now = ++held[who];
        int before = most[who];
        while (now > before && !most[who].compare_exchange_weak(before, now)) {
        }
        --held[who];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most[0], 2);
  EXPECT_LE(most[1], 2);
  // Everything came back.
  EXPECT_EQ(Taken(limit, "ci", 2).size(), 2U);
}

v1::Limits WithHalf(std::uint32_t requests) {
  v1::Limits limits;
  limits.set_max_concurrent_requests(requests);
  limits.set_max_requests_per_identity(requests / 2);
  return limits;
}

TEST(CallLimits, LeaveOthersRoomInEveryLimitWhenTheShareIsHalf) {
  for (std::uint32_t requests = 2; requests <= 4096; ++requests) {
    const CallLimits limits(WithHalf(requests));
    for (const ConcurrencyLimit* each :
         {&limits.requests, &limits.calls, &limits.many, &limits.tails}) {
      ASSERT_GE(each->bounds().share, 1U) << requests;
      ASSERT_LE(each->bounds().share, each->bounds().capacity / 2) << requests;
    }
  }
}

TEST(CallLimits, LeaveACallForEveryPlaceAndAnotherOne) {
  for (const std::uint32_t requests : {1U, 2U, 256U, 4096U}) {
    const CallLimits limits(WithHalf(requests));
    EXPECT_GE(limits.calls.bounds().share, limits.requests.bounds().share * 2);
    EXPECT_GE(limits.calls.bounds().capacity, requests * 2);
  }
}

}  // namespace
}  // namespace bootseal::server

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

TEST(ConcurrencyLimit, KeepsPlacesForReleasesThatBuildsMayNotHave) {
  ConcurrencyLimit limit("requests under way", {8, 8, 2, 2});
  const auto builds = Taken(limit, "ci", 6);
  const auto excess = limit.Take("alice");
  EXPECT_THAT(excess, kFull);
  EXPECT_THAT(excess, AllOf(MessageHas("6 requests under way"),
                            MessageHas("limits.places_for_releases")));
  const auto first = limit.Take("alice", Lane::kReleases);
  const auto second = limit.Take("alice", Lane::kReleases);
  EXPECT_OK(first);
  EXPECT_OK(second);
  EXPECT_THAT(limit.Take("alice", Lane::kReleases), kFull);
}

TEST(ConcurrencyLimit, KeepsPartOfAShareForReleasesToo) {
  ConcurrencyLimit limit("requests under way", {8, 4, 2, 1});
  const auto builds = Taken(limit, "ci", 3);
  const auto excess = limit.Take("ci");
  EXPECT_THAT(excess, kBusy);
  EXPECT_THAT(excess, AllOf(MessageHas("identity ci has 3 requests"),
                            MessageHas("limits.places_for_releases")));
  const auto release = limit.Take("ci", Lane::kReleases);
  EXPECT_OK(release);
  EXPECT_THAT(limit.Take("ci", Lane::kReleases), kBusy);
}

TEST(ConcurrencyLimit, LetsReleasesHaveWhatBuildsLeave) {
  ConcurrencyLimit limit("requests under way", {4, 4, 1, 1});
  std::vector<Place> releases;
  for (int i = 0; i < 4; ++i) {
    auto place = limit.Take("alice", Lane::kReleases);
    ASSERT_OK(place);
    releases.push_back(*std::move(place));
  }
  EXPECT_THAT(limit.Take("ci"), kFull);
  releases.pop_back();
  EXPECT_OK(limit.Take("ci"));
}

TEST(ConcurrencyLimit, GivesAPlaceBackToItsLane) {
  ConcurrencyLimit limit("requests under way", {4, 4, 2, 2});
  for (int i = 0; i < 100; ++i) {
    EXPECT_OK(limit.Take("ci", i % 2 == 0 ? Lane::kReleases : Lane::kBuilds));
  }
  const auto builds = Taken(limit, "ci", 2);
  EXPECT_THAT(limit.Take("ci"), kFull);
}

v1::Limits WithHalf(std::uint32_t requests) {
  v1::Limits limits;
  limits.set_max_concurrent_requests(requests);
  limits.set_max_requests_per_identity(requests / 2);
  limits.set_places_for_releases(requests / 8);
  limits.set_max_calls_per_second(100);
  return limits;
}

const base::SystemClock kClock;

TEST(CallLimits, LeaveOthersRoomInEveryLimitWhenTheShareIsHalf) {
  for (std::uint32_t requests = 2; requests <= 4096; ++requests) {
    const CallLimits limits(WithHalf(requests), kClock);
    for (const ConcurrencyLimit* each :
         {&limits.requests, &limits.calls, &limits.many, &limits.tails}) {
      ASSERT_GE(each->bounds().share, 1U) << requests;
      ASSERT_LE(each->bounds().share, each->bounds().capacity / 2) << requests;
    }
  }
}

TEST(CallLimits, LeaveACallForEveryPlaceAndAnotherOne) {
  for (const std::uint32_t requests : {1U, 2U, 256U, 4096U}) {
    const CallLimits limits(WithHalf(requests), kClock);
    EXPECT_GE(limits.calls.bounds().share, limits.requests.bounds().share * 2);
    EXPECT_GE(limits.calls.bounds().capacity, requests * 2);
  }
}

TEST(CallLimits, KeepForReleasesAsLargeAPartOfEachShare) {
  struct Case {
    std::uint32_t requests;
    std::uint32_t share;
    std::uint32_t kept;
    std::uint32_t kept_of_share;
  };
  for (const Case& each :
       {Case{256, 128, 32, 16}, Case{256, 256, 32, 32}, Case{256, 1, 32, 0},
        Case{256, 2, 255, 1}, Case{8, 4, 1, 1}, Case{8, 4, 7, 3},
        Case{4, 2, 0, 0}, Case{1, 1, 0, 0}, Case{4096, 4096, 4095, 4095}}) {
    v1::Limits limits = WithHalf(each.requests);
    limits.set_max_requests_per_identity(each.share);
    limits.set_places_for_releases(each.kept);
    const CallLimits made(limits, kClock);
    EXPECT_EQ(made.requests.bounds().kept, each.kept) << each.requests;
    EXPECT_EQ(made.requests.bounds().kept_of_share, each.kept_of_share)
        << each.requests << " " << each.share << " " << each.kept;
    // Where readers and streams stand, there are no lanes.
    EXPECT_EQ(made.calls.bounds().kept, 0U);
    EXPECT_EQ(made.many.bounds().kept, 0U);
  }
}

TEST(CallLimits, TellTheLaneOfATarget) {
  struct Case {
    v1::Lane said;
    std::uint32_t approvals;
    Lane lane;
  };
  for (const Case& each :
       {Case{v1::LANE_UNSPECIFIED, 0, Lane::kBuilds},
        Case{v1::LANE_UNSPECIFIED, 1, Lane::kReleases},
        Case{v1::BUILDS, 0, Lane::kBuilds}, Case{v1::BUILDS, 2, Lane::kBuilds},
        Case{v1::RELEASES, 0, Lane::kReleases},
        Case{v1::RELEASES, 2, Lane::kReleases}}) {
    v1::Target target;
    target.set_lane(each.said);
    target.set_approvals(each.approvals);
    EXPECT_EQ(LaneOf(target), each.lane)
        << v1::Lane_Name(each.said) << " " << each.approvals;
    // Of whichever format.
    target.mutable_release();
    EXPECT_EQ(LaneOf(target), each.lane);
  }
}

TEST(ConcurrencyLimit, TellsHowManyPlacesEachLaneHas) {
  ConcurrencyLimit limit("requests", {4, 4});
  const auto build = limit.Take("ci", Lane::kBuilds);
  const auto another = limit.Take("ci", Lane::kBuilds);
  const auto release = limit.Take("ci", Lane::kReleases);
  EXPECT_EQ(limit.taken(Lane::kBuilds), 2U);
  EXPECT_EQ(limit.taken(Lane::kReleases), 1U);
  EXPECT_EQ(limit.taken(), 3U);
}

}  // namespace
}  // namespace bootseal::server

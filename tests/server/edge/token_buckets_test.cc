#include "server/edge/token_buckets.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/edge/budgets.h"

namespace bootseal::edge {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(TokenBuckets, HoldWhatComesBackInTheBurst) {
  TokenBuckets buckets(100, absl::Seconds(2));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(buckets.Take("a", 1, kNow), absl::ZeroDuration()) << i;
  }
  EXPECT_EQ(buckets.Take("a", 1, kNow), absl::Milliseconds(10));
  EXPECT_EQ(buckets.Take("a", 5, kNow), absl::Milliseconds(50));
}

TEST(TokenBuckets, TakeNothingWhenTheyHoldTooLittle) {
  TokenBuckets buckets(100, absl::Seconds(1));
  ASSERT_EQ(buckets.Take("a", 98, kNow), absl::ZeroDuration());
  EXPECT_EQ(buckets.Take("a", 5, kNow), absl::Milliseconds(30));
  EXPECT_EQ(buckets.Take("a", 2, kNow), absl::ZeroDuration());
  EXPECT_EQ(buckets.Take("a", 1, kNow), absl::Milliseconds(10));
}

TEST(TokenBuckets, AreApartByKey) {
  TokenBuckets buckets(10, absl::Seconds(1));
  ASSERT_EQ(buckets.Take("a", 10, kNow), absl::ZeroDuration());
  EXPECT_EQ(buckets.Take("b", 10, kNow), absl::ZeroDuration());
}

TEST(TokenBuckets, FillWithTimeAndNotBeyondTheBurst) {
  TokenBuckets buckets(10, absl::Seconds(1));
  ASSERT_EQ(buckets.Take("a", 10, kNow), absl::ZeroDuration());
  const absl::Time later = kNow + absl::Hours(1);
  EXPECT_EQ(buckets.Take("a", 10, later), absl::ZeroDuration());
  EXPECT_EQ(buckets.Take("a", 1, later), absl::Milliseconds(100));
}

TEST(TokenBuckets, AreEmptyAtWorstWhenTheClockIsSetBack) {
  TokenBuckets buckets(10, absl::Seconds(1));
  ASSERT_EQ(buckets.Take("a", 10, kNow), absl::ZeroDuration());
  const absl::Time earlier = kNow - absl::Hours(1);
  EXPECT_EQ(buckets.Take("a", 1, earlier), absl::Milliseconds(100));
  EXPECT_EQ(buckets.Take("a", 1, earlier + absl::Milliseconds(100)),
            absl::ZeroDuration());
}

TEST(TokenBuckets, AreForgottenOnceTheyAreFull) {
  TokenBuckets buckets(1000, absl::Seconds(1));
  for (int i = 0; i < 100'000; ++i) {
    buckets.Take(absl::StrCat(i), 1, kNow + absl::Milliseconds(i));
  }
  EXPECT_LE(buckets.remembered(), 128U);
}

class BudgetsTest : public testing::Test {
 protected:
  Peer From(const std::string& address, const std::string& leaf = "") {
    auto taken = connections_.Take(address, [] {});
    return Peer(address, {leaf, ""},
                std::get<Connections::Place>(std::move(taken)));
  }
  // That are taken at once.
  int Calls(const Peer& peer) {
    int calls = 0;
    while (calls < 100'000 &&
           budgets_.Take(peer, kCallWork, kNow) == absl::ZeroDuration()) {
      ++calls;
    }
    return calls;
  }

  Connections connections_{{1000, 1000}};
  Budgets budgets_{1000, 1};
};

TEST_F(BudgetsTest, AreSharedByStrangersOfOneAddress) {
  const Peer one = From("192.0.2.1");
  const Peer other = From("192.0.2.1");
  EXPECT_EQ(Calls(one), 200);
  EXPECT_EQ(Calls(other), 0);
  EXPECT_EQ(budgets_.Take(other, kCallWork, kNow), absl::Milliseconds(5));
}

TEST_F(BudgetsTest, BoundStrangersOfManyAddressesTogether) {
  int calls = 0;
  for (int i = 0; i < 100; ++i) {
    const Peer stranger = From(absl::StrCat("192.0.2.", i));
    for (int call = 0; call < 100; ++call) {
      if (budgets_.Take(stranger, kCallWork, kNow) == absl::ZeroDuration()) {
        ++calls;
      }
    }
  }
  EXPECT_EQ(calls, 200);
}

TEST_F(BudgetsTest, BoundHandshakesOfOneAddress) {
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(budgets_.TakeHandshake("192.0.2.1", kNow), absl::ZeroDuration());
  }
  EXPECT_EQ(budgets_.TakeHandshake("192.0.2.1", kNow), absl::Milliseconds(10));
  EXPECT_EQ(budgets_.TakeHandshake("192.0.2.2", kNow), absl::ZeroDuration());
}

TEST_F(BudgetsTest, BoundHandshakesOfUnknownAddressesTogether) {
  int handshakes = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string address = absl::StrCat("192.0.2.", i);
    if (budgets_.TakeStrangersHandshake(address, kNow) ==
        absl::ZeroDuration()) {
      ++handshakes;
    }
  }
  EXPECT_EQ(handshakes, Budgets::kStrangersHandshakes);
  const absl::Duration wait =
      budgets_.TakeStrangersHandshake("192.0.2.0", kNow);
  EXPECT_GT(wait, absl::Milliseconds(3));
  EXPECT_LT(wait, absl::Milliseconds(4));
  EXPECT_EQ(budgets_.TakeHandshake("192.0.2.0", kNow), absl::ZeroDuration());
}

TEST_F(BudgetsTest, AllowUnknownAddressesMoreWhereMoreThreadsShakeHands) {
  Budgets wide(1000, 4);
  for (std::uint32_t i = 0; i < 4 * Budgets::kStrangersHandshakes; ++i) {
    ASSERT_EQ(wide.TakeStrangersHandshake(absl::StrCat("192.0.2.", i), kNow),
              absl::ZeroDuration());
  }
  EXPECT_GT(wide.TakeStrangersHandshake("192.0.2.0", kNow),
            absl::ZeroDuration());
}

// Else who waits for others would spend what its address may do.
TEST_F(BudgetsTest, TakeNothingOfAnAddressThatWaitsForOthers) {
  for (int i = 0; i < 1000; ++i) {
    budgets_.TakeStrangersHandshake(absl::StrCat("192.0.2.", i), kNow);
  }
  for (int i = 0; i < 1000; ++i) {
    ASSERT_GT(budgets_.TakeStrangersHandshake("198.51.100.1", kNow),
              absl::ZeroDuration());
  }
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(budgets_.TakeHandshake("198.51.100.1", kNow),
              absl::ZeroDuration());
  }
}

TEST_F(BudgetsTest, OfAKnownClientAreUntouchedByStrangersOfItsAddress) {
  const Peer stranger = From("192.0.2.1");
  ASSERT_EQ(Calls(stranger), 200);
  const Peer known = From("192.0.2.1", "a certificate");
  EXPECT_EQ(Calls(known), 200);
  EXPECT_EQ(budgets_.Take(known, kCallWork, kNow), absl::Microseconds(500));
}

TEST_F(BudgetsTest, FollowTheIdentityOnceACallWasIdentified) {
  Peer one = From("192.0.2.1");
  Peer other = From("192.0.2.2");
  EXPECT_EQ(Calls(one), 200);
  one.Identify("ci");
  other.Identify("ci");
  EXPECT_TRUE(one.known());
  EXPECT_EQ(Calls(one), 200);
  EXPECT_EQ(Calls(other), 0);
}

TEST_F(BudgetsTest, StayThoseOfTheFirstIdentity) {
  Peer peer = From("192.0.2.1");
  peer.Identify("ci");
  EXPECT_EQ(Calls(peer), 200);
  peer.Identify("other");
  EXPECT_EQ(Calls(peer), 0);
}

TEST_F(BudgetsTest, AreTwiceWhatAnIdentityMayCall) {
  Budgets wide(50'000, 1);
  Peer peer = From("192.0.2.1", "a certificate");
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(wide.Take(peer, kCallWork, kNow), absl::ZeroDuration());
  }
  EXPECT_EQ(wide.Take(peer, kCallWork, kNow), absl::Microseconds(10));
}

}  // namespace
}  // namespace bootseal::edge

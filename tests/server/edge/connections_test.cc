#include "server/edge/connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/edge/peers.h"
#include "server/edge/relay.h"
#include "tests/support/status_matchers.h"

namespace bootseal::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ConnectionsTest : public testing::Test {
 protected:
  using Place = Connections::Place;
  using Full = Connections::Full;

  explicit ConnectionsTest(Connections::Bounds bounds = {6, 4})
      : connections_(bounds) {}

  // Named, to be found in gone_.
  std::optional<Place> Take(const std::string& address,
                            const std::string& name) {
    auto taken =
        connections_.Take(address, [this, name] { gone_.push_back(name); });
    if (auto* place = std::get_if<Place>(&taken)) return std::move(*place);
    why_ = std::get<Full>(taken);
    return std::nullopt;
  }
  void Keep(const std::string& address, const std::string& name) {
    auto place = Take(address, name);
    ASSERT_TRUE(place) << name;
    kept_.push_back(*std::move(place));
  }
  void KeepAndStay(const std::string& address, const std::string& name) {
    Keep(address, name);
    kept_.back().Stay();
  }

  Connections connections_;
  std::list<Place> kept_;
  std::vector<std::string> gone_;
  Full why_{};
};

TEST_F(ConnectionsTest, AreCountedUntilTheirEnd) {
  {
    const auto one = Take("a", "1");
    const auto other = Take("b", "2");
    EXPECT_EQ(connections_.open(), 2U);
  }
  EXPECT_EQ(connections_.open(), 0U);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Take("a", "again"));
  EXPECT_THAT(gone_, IsEmpty());
}

TEST_F(ConnectionsTest, GiveWayToNewerOnesOfTheirAddressOldestFirst) {
  for (const char* name : {"1", "2", "3", "4"}) Keep("a", name);
  EXPECT_THAT(gone_, IsEmpty());
  Keep("a", "5");
  Keep("a", "6");
  EXPECT_THAT(gone_, ElementsAre("1", "2"));
  EXPECT_EQ(connections_.open(), 4U);
}

TEST_F(ConnectionsTest, OfAnAddressAreKnownOnceOneOfThemStayed) {
  Keep("a", "1");
  EXPECT_FALSE(kept_.back().known());
  kept_.back().Stay();
  kept_.clear();
  Keep("a", "2");
  EXPECT_TRUE(kept_.back().known());
  Keep("b", "3");
  EXPECT_FALSE(kept_.back().known());
}

TEST_F(ConnectionsTest, OfTheAddressThatIsSilentForLongestAreForgotten) {
  const auto stay = [&](int from, int to) {
    for (int i = from; i < to; ++i) Take(absl::StrCat(i), "")->Stay();
  };
  const auto known = [&](int address) {
    return Take(absl::StrCat(address), "")->known();
  };
  stay(0, KnownAddresses::kMost);
  EXPECT_TRUE(known(0));
  stay(0, 1);
  stay(KnownAddresses::kMost, KnownAddresses::kMost + 1);
  EXPECT_TRUE(known(0));
  EXPECT_FALSE(known(1));
  EXPECT_TRUE(known(2));
  EXPECT_TRUE(known(KnownAddresses::kMost));
}

TEST_F(ConnectionsTest, DoNotGiveWayOnceTheyHaveShownWhoseTheyAre) {
  KeepAndStay("a", "1");
  Keep("a", "2");
  KeepAndStay("a", "3");
  KeepAndStay("a", "4");
  Keep("a", "5");
  EXPECT_THAT(gone_, ElementsAre("2"));
  kept_.back().Stay();
  EXPECT_FALSE(Take("a", "6"));
  EXPECT_EQ(why_, Full::kOfAddress);
  EXPECT_TRUE(Take("b", "7"));
  EXPECT_THAT(gone_, ElementsAre("2"));
}

TEST_F(ConnectionsTest, OfTheAddressWithMostStrangersGiveWayWhereAllIsFull) {
  for (const char* name : {"a1", "a2"}) Keep("a", name);
  for (const char* name : {"b1", "b2", "b3", "b4"}) Keep("b", name);
  Keep("c", "c1");
  Keep("d", "d1");
  EXPECT_THAT(gone_, ElementsAre("b1", "b2"));
  EXPECT_EQ(connections_.open(), 6U);
}

// So that a flood from many addresses leaves each as long as it can.
TEST_F(ConnectionsTest, OfAddressesWithAsManyGiveWayOldestFirst) {
  for (const char* name : {"d", "b", "f", "a", "e", "c"}) Keep(name, name);
  for (const char* name : {"g", "h", "i"}) Keep(name, name);
  EXPECT_THAT(gone_, ElementsAre("d", "b", "f"));
  for (Place& each : kept_) each.Stay();
  EXPECT_FALSE(Take("j", "j"));
  EXPECT_EQ(why_, Full::kAll);
}

TEST_F(ConnectionsTest, AreRefusedWhereAllStay) {
  for (const char* name : {"1", "2", "3"}) KeepAndStay("a", name);
  for (const char* name : {"4", "5", "6"}) KeepAndStay("b", name);
  EXPECT_FALSE(Take("c", "7"));
  EXPECT_EQ(why_, Full::kAll);
  EXPECT_THAT(gone_, IsEmpty());
  kept_.pop_back();
  EXPECT_TRUE(Take("c", "8"));
}

TEST_F(ConnectionsTest, ThatGaveWayAreCountedOnceOnly) {
  for (const char* name : {"1", "2", "3", "4", "5"}) Keep("a", name);
  kept_.erase(kept_.begin());  // "1", which has no place any more
  EXPECT_EQ(connections_.open(), 4U);
  kept_.front().Stay();  // of "2"
  Keep("a", "6");
  EXPECT_THAT(gone_, ElementsAre("1", "3"));
}

TEST_F(ConnectionsTest, OfThreeAddressesDoNotKeepOthersOut) {
  Connections connections({1088, 544});
  std::vector<Place> strangers;
  int gone = 0;
  for (int i = 0; i < 3000; ++i) {
    auto taken = connections.Take(i % 3 == 0   ? "a"
                                  : i % 3 == 1 ? "b"
                                               : "c",
                                  [&gone] { ++gone; });
    ASSERT_TRUE(std::holds_alternative<Place>(taken)) << i;
    strangers.push_back(std::get<Place>(std::move(taken)));
  }
  EXPECT_EQ(connections.open(), 1088U);
  EXPECT_EQ(gone, 3000 - 1088);
  bool lost = false;
  const auto honest = connections.Take("d", [&lost] { lost = true; });
  ASSERT_TRUE(std::holds_alternative<Place>(honest));
  for (int i = 0; i < 3000; ++i) {
    strangers.push_back(
        std::get<Place>(connections.Take("a", [&gone] { ++gone; })));
  }
  EXPECT_FALSE(lost);
}

TEST(Peers, AreFoundByTheirNameUntilTheyAreRemoved) {
  Connections connections({8, 8});
  Peers peers;
  const auto made = std::make_shared<Peer>(
      "192.0.2.1", Peer::Certificates{"leaf", "chain"},
      std::get<Connections::Place>(connections.Take("192.0.2.1", [] {})));
  const std::string name = peers.Add(made);
  EXPECT_EQ(peers.Find("unix-abstract:" + name), made);
  for (const std::string& other :
       {name, "unix:" + name, "unix-abstract:" + name + "0",
        std::string("unix-abstract:"), std::string()}) {
    EXPECT_EQ(peers.Find(other), nullptr) << other;
  }
  peers.Remove(name);
  EXPECT_EQ(peers.Find("unix-abstract:" + name), nullptr);
}

TEST(Peers, NeverGiveANameTwice) {
  Connections connections({8, 8});
  Peers peers;
  const auto peer = std::make_shared<Peer>(
      "192.0.2.1", Peer::Certificates{},
      std::get<Connections::Place>(connections.Take("192.0.2.1", [] {})));
  const std::string first = peers.Add(peer);
  peers.Remove(first);
  EXPECT_NE(peers.Add(peer), first);
  EXPECT_NE(Peers().Add(peer), first);
}

TEST(Peers, AreKnownByACertificateOrAnIdentifiedCallOnly) {
  Connections connections({8, 8});
  const auto place = [&connections] {
    return std::get<Connections::Place>(connections.Take("a", [] {}));
  };
  Peer stranger("a", {}, place());
  EXPECT_FALSE(stranger.known());
  EXPECT_EQ(stranger.owner(), "a");
  const Peer certified("a", {"leaf", ""}, place());
  EXPECT_TRUE(certified.known());
  EXPECT_EQ(certified.owner(), "leaf");
  stranger.Identify("ci");
  EXPECT_TRUE(stranger.known());
  EXPECT_EQ(stranger.owner(), "identity ci");
}

TEST(ConnectionBounds, AreTwiceTheCallsAndHalfOfThemOfOneAddress) {
  const auto bounds = ConnectionBounds(544);
  ASSERT_OK(bounds);
  EXPECT_EQ(bounds->all, 1088U);
  EXPECT_EQ(bounds->of_one_address, 544U);
}

TEST(ConnectionBounds, LeaveTheServerFilesOfItsOwn) {
  rlimit whole{};
  getrlimit(RLIMIT_NOFILE, &whole);
  const auto bounds = ConnectionBounds(4'000'000);
  ASSERT_OK(bounds);
  EXPECT_LE(3 * bounds->all + 128, whole.rlim_max);
  rlimit raised{};
  getrlimit(RLIMIT_NOFILE, &raised);
  EXPECT_EQ(raised.rlim_cur, whole.rlim_max);
}

}  // namespace
}  // namespace bootseal::edge

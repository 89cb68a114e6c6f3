#include "client/approval/policy_entries.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bootseal::approval {
namespace {

const std::string kStrict(32, 's');
const std::string kLax(32, 'l');

// A request that entry `index` made wait, judged by `policy`.
Pending Asked(std::uint64_t index, const std::string& policy) {
  Pending pending;
  pending.index = index;
  pending.entry.set_policy_sha256(policy);
  return pending;
}

TEST(PolicyEntries, HaveTheNewestOfEachInAnyOrder) {
  const std::vector<PolicyEntry> listed{{7, kLax}, {2, kLax}, {4, kStrict}};
  EXPECT_EQ(NewestOf(listed, kLax), 7U);
  EXPECT_EQ(NewestOf(listed, kStrict), 4U);
  EXPECT_EQ(NewestOf(listed, "other"), std::nullopt);
  EXPECT_EQ(NewestOf({{0, kLax}}, kLax), 0U);
}

TEST(PolicyEntries, ThatNothingFollowedAreInForce) {
  EXPECT_FALSE(
      IsSuperseded({4, kStrict}, {{2, kLax}, {4, kStrict}}, Asked(9, kStrict)));
  // It waits since before the policy changed.
  EXPECT_FALSE(
      IsSuperseded({4, kStrict}, {{2, kLax}, {4, kStrict}}, Asked(3, kLax)));
}

TEST(PolicyEntries, ThatAnotherFollowedAreNot) {
  EXPECT_TRUE(
      IsSuperseded({2, kLax}, {{2, kLax}, {4, kStrict}}, Asked(3, kLax)));
  EXPECT_TRUE(
      IsSuperseded({2, kLax}, {{4, kStrict}, {2, kLax}}, Asked(3, kLax)));
}

TEST(PolicyEntries, ThatWereHeldBackShowInTheRequestsOwnEntry) {
  EXPECT_TRUE(IsSuperseded({2, kLax}, {{2, kLax}}, Asked(9, kStrict)));
}

}  // namespace
}  // namespace bootseal::approval

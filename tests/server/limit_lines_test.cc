#include "server/limit_lines.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace bootseal::server {
namespace {

class LimitLinesTest : public testing::Test {
 protected:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  LimitLines lines_;
};

TEST_F(LimitLinesTest, GiveAnOwnerOneASecondAndCountTheRest) {
  EXPECT_EQ(lines_.Admit("ci", now_), 0u);
  for (int i = 1; i < 100; ++i) {
    EXPECT_EQ(lines_.Admit("ci", now_ + absl::Milliseconds(10 * i)),
              std::nullopt);
  }
  EXPECT_EQ(lines_.Admit("ci", now_ + absl::Seconds(1)), 99u);
  EXPECT_EQ(lines_.Admit("ci", now_ + absl::Seconds(2)), 0u);
}

TEST_F(LimitLinesTest, DoNotLetOneOwnerSilenceAnother) {
  EXPECT_TRUE(lines_.Admit("ci", now_).has_value());
  EXPECT_FALSE(lines_.Admit("ci", now_).has_value());
  EXPECT_EQ(lines_.Admit("developer", now_), 0u);
}

TEST_F(LimitLinesTest, AreNotSilentForAsLongAsAClockWasSetBack) {
  EXPECT_TRUE(lines_.Admit("ci", now_).has_value());
  EXPECT_TRUE(lines_.Admit("ci", now_ - absl::Hours(1)).has_value());
  EXPECT_FALSE(lines_.Admit("ci", now_ - absl::Hours(1)).has_value());
}

TEST_F(LimitLinesTest, ForgetOwnersOfATimeThatIsNotYet) {
  for (std::size_t i = 0; i < LimitLines::kOwners; ++i) {
    lines_.Admit(absl::StrCat(i), now_);
  }
  EXPECT_EQ(lines_.Admit("one more", now_ - absl::Hours(1)), 0u);
  EXPECT_EQ(lines_.remembered(), 1u);
}

TEST_F(LimitLinesTest, RememberSoManyOwnersAndGiveTheOthersOneLineOfAll) {
  for (std::size_t i = 0; i < LimitLines::kOwners; ++i) {
    EXPECT_TRUE(lines_.Admit(absl::StrCat(i), now_).has_value());
  }
  EXPECT_EQ(lines_.Admit("one more", now_), 0u);
  EXPECT_EQ(lines_.Admit("and another", now_), std::nullopt);
  EXPECT_EQ(lines_.remembered(), LimitLines::kOwners);
  const absl::Time later = now_ + LimitLines::kPause;
  EXPECT_EQ(lines_.Admit("one more", later), 0u);
  EXPECT_EQ(lines_.remembered(), 1u);
}

}  // namespace
}  // namespace bootseal::server

// What the review says of releases that went down.
#include <gmock/gmock.h>

#include "tests/client/review/review_fixture.h"

namespace bootseal::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RollbackReviewTest : public ReviewTest {
 protected:
  // Entry 0 is the policy.
  RollbackReviewTest() { AddPolicy(); }

  bool both_ = true;
  // Released with the approvals of both, or of one of them, that say more.
  template <typename Change>
  void ReleaseWith(const std::string& version, std::uint32_t counter,
                   Change change) {
    const v1::Entry release = Release("guarded", version, counter);
    const auto pending = Add(Pending(release));
    v1::ApprovalStatement said = Statement("ruth", pending);
    change(said);
    v1::ApprovalStatement first = Statement("rita", pending);
    if (both_) change(first);
    const auto rita = Add(Approval(first, pending));
    const auto ruth = Add(Approval(said, pending));
    Add(Done(release, pending, {rita, ruth}));
  }
};

TEST_F(RollbackReviewTest, FindsALowerCounter) {
  Add(Release("app", "1.0.0", 5));
  Add(Release("app", "1.0.1", 4));
  EXPECT_THAT(Found(), ElementsAre("rollback:SECURITY_COUNTER_LOWER@2"));
  EXPECT_THAT(MessageOf("SECURITY_COUNTER_LOWER"),
              HasSubstr("counter 4, entry 1 with 5"));
}

TEST_F(RollbackReviewTest, FindsALowerVersion) {
  Add(Release("app", "1.10.0"));
  Add(Release("app", "1.9.0"));
  EXPECT_THAT(Found(), ElementsAre("rollback:VERSION_LOWER@2"));
}

TEST_F(RollbackReviewTest, LetsALowerVersionPassWhereTheTargetSaysSo) {
  policy_.mutable_targets(0)->set_lower_version(v1::PASS);
  policy_.set_version(policy_.version() + 1);
  AddPolicy();
  Add(Release("app", "1.10.0"));
  Add(Release("app", "1.9.0"));
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@1?"));
}

TEST_F(RollbackReviewTest, ComparesReleasesOfOneTarget) {
  Add(Release("app", "2.0.0", 9));
  ReleaseWith("1.0.0", 1, [](auto&) {});
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(RollbackReviewTest, TakesAnApprovalThatSaysThatBothMayGoDown) {
  ReleaseWith("2.0.0", 9, [](auto&) {});
  ReleaseWith("1.0.0", 1, [](auto& said) {
    said.set_allows_lower_security_counter(true);
    said.set_allows_lower_version(true);
  });
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(RollbackReviewTest, AsksEveryApprovalThatCounts) {
  ReleaseWith("2.0.0", 9, [](auto&) {});
  both_ = false;
  ReleaseWith("2.0.1", 1,
              [](auto& said) { said.set_allows_lower_security_counter(true); });
  EXPECT_THAT(Found(), ElementsAre("rollback:SECURITY_COUNTER_LOWER@8"));
}

TEST_F(RollbackReviewTest, DoesNotTakeAnApprovalThatSaysNothingOfIt) {
  ReleaseWith("2.0.0", 9, [](auto&) {});
  ReleaseWith("1.0.0", 1, [](auto&) {});
  EXPECT_THAT(Found(), ElementsAre("rollback:SECURITY_COUNTER_LOWER@8",
                                   "rollback:VERSION_LOWER@8"));
}

TEST_F(RollbackReviewTest, FindsALowerBuildNumber) {
  Add(Release("app", "1.0.0+9"));
  Add(Release("app", "1.0.0+8"));
  EXPECT_THAT(Found(), ElementsAre("rollback:VERSION_LOWER@2"));
}

TEST_F(RollbackReviewTest, DoesNotTakeOneForTheOther) {
  ReleaseWith("2.0.0", 9, [](auto&) {});
  ReleaseWith("1.0.0", 1,
              [](auto& said) { said.set_allows_lower_version(true); });
  EXPECT_THAT(Found(), ElementsAre("rollback:SECURITY_COUNTER_LOWER@8"));
}

}  // namespace
}  // namespace bootseal::tests

#include "client/approval/tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "client/approval/pending_text.h"
#include "server/trust/entry.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::approval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kOrigin[] = "bootseal.example/test";

// Of "guarded", which needs alice and audrey.
class TallyTest : public testing::Test {
 protected:
  TallyTest() {
    pending_ = *ReadPending(tests::Logged(tests::SampleSigning()));
    since_ = pending_.entry.time_unix_ms();
    for (v1::Person& person : *policy_.mutable_people()) {
      for (const auto* const each : {&alice_, &audrey_}) {
        if (person.name() != each->name()) continue;
        person.clear_approver_keys();
        person.add_approver_keys()->set_public_key(each->public_key());
      }
    }
  }

  v1::ApprovalStatement Statement(v1::Verdict verdict) const {
    const v1::SigningEvent& asked = pending_.entry.signing();
    v1::ApprovalStatement statement;
    statement.set_origin(kOrigin);
    statement.set_target(asked.target());
    statement.set_requester(pending_.entry.caller().identity());
    statement.set_subject_sha256(asked.subject_sha256());
    statement.set_payload_sha256(asked.payload_sha256());
    statement.set_version(asked.version());
    statement.set_security_counter(asked.security_counter());
    statement.set_policy_sha256(std::string(32, 'p'));
    statement.set_nonce(std::string(16, 'n'));
    statement.set_not_before_unix_ms(since_);
    statement.set_not_after_unix_ms(since_ + 600'000);
    statement.set_verdict(verdict);
    statement.set_reason("because");
    return statement;
  }

  void Say(const tests::TestApprover& approver,
           const v1::ApprovalStatement& statement) {
    v1::ApprovalEvent event;
    *event.mutable_envelope() = approver.Sign(statement);
    event.set_subject_sha256(statement.subject_sha256());
    event.set_target(statement.target());
    event.set_approver(approver.name());
    event.set_verdict(statement.verdict());
    event.set_pending_index(pending_.index);
    words_.push_back({20 + words_.size(), event});
  }

  Tally Count(const v1::SigningEvent* last = nullptr) {
    return CountHere(*tests::Parsed(policy_), kOrigin, pending_, last, words_,
                     absl::FromUnixMillis(since_ + 1000));
  }
  std::string WhyNot(const Tally& tally) {
    return base::ReasonOf(WhyNotCounted(tally, 20));
  }

  const tests::TestApprover alice_{"alice"};
  const tests::TestApprover audrey_{"audrey"};
  const tests::TestApprover stranger_{"alice"};
  v1::Policy policy_ = tests::ExamplePolicy();
  Pending pending_;
  std::int64_t since_ = 0;
  std::vector<trust::RecordedApproval> words_;
};

TEST_F(TallyTest, CountsPeopleByThePolicy) {
  Say(alice_, Statement(v1::APPROVE));
  const Tally one = Count();
  EXPECT_EQ(one.needed, 2U);
  EXPECT_THAT(one.quorum.people, ElementsAre("alice"));
  EXPECT_OK(WhyNotCounted(one, 20));
  Say(audrey_, Statement(v1::APPROVE));
  EXPECT_THAT(Count().quorum.people, ElementsAre("alice", "audrey"));
}

TEST_F(TallyTest, CountsAPersonOnce) {
  Say(alice_, Statement(v1::APPROVE));
  Say(alice_, Statement(v1::APPROVE));
  EXPECT_THAT(Count().quorum.people, ElementsAre("alice"));
}

TEST_F(TallyTest, CountsNoSignatureOfAnotherKey) {
  Say(stranger_, Statement(v1::APPROVE));
  EXPECT_THAT(Count().quorum.people, IsEmpty());
  EXPECT_EQ(WhyNot(Count()), "UNKNOWN_APPROVER_KEY");
}

TEST_F(TallyTest, CountsNoWordForAnotherLogOrThing) {
  v1::ApprovalStatement other = Statement(v1::APPROVE);
  other.set_origin("other.example/log");
  Say(alice_, other);
  EXPECT_EQ(WhyNot(Count()), "ORIGIN_DIFFERS");
  words_.clear();
  other = Statement(v1::APPROVE);
  other.set_payload_sha256(std::string(32, 'z'));
  Say(alice_, other);
  EXPECT_EQ(WhyNot(Count()), "PAYLOAD_DIFFERS");
}

TEST_F(TallyTest, CountsNoWordThatIsOver) {
  v1::ApprovalStatement over = Statement(v1::APPROVE);
  over.set_not_after_unix_ms(since_ + 500);
  Say(alice_, over);
  EXPECT_EQ(WhyNot(Count()), "APPROVAL_EXPIRED");
}

TEST_F(TallyTest, CountsNoWordThatLeavesOutWhatGoesDown) {
  v1::SigningEvent last = pending_.entry.signing();
  last.set_security_counter(last.security_counter() + 1);
  Say(alice_, Statement(v1::APPROVE));
  EXPECT_EQ(WhyNot(Count(&last)), "LOWERING_NOT_ALLOWED");
}

TEST_F(TallyTest, BelievesThePendingEntryThatSomethingGoesDown) {
  for (v1::Target& target : *policy_.mutable_targets()) {
    if (target.name() == "guarded") target.set_approvals(0);
  }
  EXPECT_EQ(Count().needed, 0U);
  v1::SigningEvent& asked = *pending_.entry.mutable_signing();
  asked.set_lowers_security_counter_from(asked.security_counter() + 1);
  const v1::SigningEvent older = pending_.entry.signing();
  Say(alice_, Statement(v1::APPROVE));
  for (const v1::SigningEvent* const last :
       {static_cast<const v1::SigningEvent*>(nullptr), &older}) {
    EXPECT_EQ(Count(last).needed, 1U);
    EXPECT_THAT(Count(last).quorum.people, IsEmpty());
    EXPECT_EQ(WhyNot(Count(last)), "LOWERING_NOT_ALLOWED");
  }
}

TEST_F(TallyTest, BelievesThePendingEntryThatTheVersionGoesDown) {
  for (v1::Target& target : *policy_.mutable_targets()) {
    if (target.name() != "guarded") continue;
    target.set_approvals(0);
    target.set_lower_version(v1::ASK);
  }
  EXPECT_EQ(Count().needed, 0U);
  pending_.entry.mutable_signing()->set_lowers_version_from("9.0.0");
  EXPECT_EQ(Count().needed, 1U);
}

TEST_F(TallyTest, FindsTheDenial) {
  Say(alice_, Statement(v1::DENY));
  const Tally tally = Count();
  ASSERT_TRUE(tally.quorum.denial.has_value());
  EXPECT_EQ(tally.quorum.denial->approver, "alice");
}

TEST_F(TallyTest, IsShownAndAServerThatCountsOtherwiseIsToo) {
  Say(alice_, Statement(v1::APPROVE));
  Review review;
  review.pending = pending_;
  review.request.set_needed(1);
  review.request.add_counted("alice");
  review.request.add_counted("audrey");
  EXPECT_FALSE(IsContradicted(review));
  EXPECT_THAT(Describe(review), HasSubstr("2/1 counted: alice, audrey; says "
                                          "the server"));
  EXPECT_THAT(ToJson(review).text(), HasSubstr("\"counted_proven\":false"));
  review.tally = Count();
  review.tally->policy_index = 4;
  EXPECT_TRUE(IsContradicted(review));
  EXPECT_THAT(Describe(review), HasSubstr("1/2 counted: alice; counted here"));
  EXPECT_THAT(Describe(review), HasSubstr("entry 4 of the log"));
  EXPECT_THAT(Describe(review), HasSubstr("! SERVER SAYS"));
  EXPECT_THAT(ToJson(review).text(),
              HasSubstr("\"needed\":2,\"counted\":[\"alice\"],"
                        "\"counted_proven\":true,\"policy_index\":4,"
                        "\"server_differs\":true"));
  review.request.set_needed(2);
  review.request.clear_counted();
  review.request.add_counted("alice");
  EXPECT_THAT(Describe(review), Not(HasSubstr("SERVER SAYS")));
}

}  // namespace
}  // namespace bootseal::approval

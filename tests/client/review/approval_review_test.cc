// What the review says of releases that needed people.
#include <gmock/gmock.h>

#include "server/trust/policy.h"
#include "tests/client/review/review_fixture.h"
#include "tests/server/trust/example_policy.h"

namespace bootseal::tests {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ApprovalReviewTest : public ReviewTest {
 protected:
  ApprovalReviewTest() {
    AddPolicy();
    release_ = Release("guarded", "1.0.0", 5);
    pending_ = Add(Pending(release_));
  }

  std::uint64_t Approve(const std::string& approver) {
    return Add(Approval(Statement(approver, pending_), pending_));
  }
  std::uint64_t Say(const v1::ApprovalStatement& statement) {
    return Add(Approval(statement, pending_));
  }
  // Both approve, one of them with a statement that `change` spoiled.
  template <typename Change>
  std::vector<std::string> FoundWith(Change change) {
    v1::ApprovalStatement said = Statement("ruth", pending_);
    change(said);
    const auto rita = Approve("rita");
    const auto ruth = Say(said);
    Add(Done(release_, pending_, {rita, ruth}));
    return Found();
  }

  v1::Entry release_;
  std::uint64_t pending_ = 0;
};

TEST_F(ApprovalReviewTest, FindsNothingInAReleaseThatEverybodyApproved) {
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(ApprovalReviewTest, FindsAReleaseThatNobodyApproved) {
  Add(release_);
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVALS_MISSING@2"));
  EXPECT_THAT(MessageOf("APPROVALS_MISSING"), HasSubstr("demands 2"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseWithTooFew) {
  const auto rita = Approve("rita");
  Add(Done(release_, pending_, {rita}));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVALS_MISSING@3"));
  EXPECT_THAT(MessageOf("APPROVALS_MISSING"), HasSubstr("1 person (rita)"));
}

TEST_F(ApprovalReviewTest, CountsAPersonOnce) {
  const auto first = Approve("rita");
  v1::ApprovalStatement again = Statement("rita", pending_);
  again.set_nonce("another nonce  .");
  const auto second = Say(again);
  Add(Done(release_, pending_, {first, second, first}));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVALS_MISSING@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountWhoHasNotTheRole) {
  const auto rita = Approve("rita");
  const auto alice = Approve("alice");
  Add(Done(release_, pending_, {rita, alice}));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVER_ROLE@4",
                                   "approval:APPROVALS_MISSING@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountTheRequester) {
  entries_.clear();
  decoded_.clear();
  policy_.mutable_roles(0)->add_members("rita");
  AddPolicy();
  release_ = Release("guarded", "1.0.0");
  release_.mutable_caller()->set_identity("rita");
  pending_ = Add(Pending(release_));
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains("approval:APPROVAL_OF_REQUESTER@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountWhoStartedTheJob) {
  release_.mutable_caller()->set_behind("ruth");
  pending_ = Add(Pending(release_));
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains("approval:APPROVAL_OF_REQUESTER@5"));
}

TEST_F(ApprovalReviewTest, DoesNotCountWhoIsNamedBehindTheCertificate) {
  release_.mutable_caller()->add_also_behind("ruth");
  pending_ = Add(Pending(release_));
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains("approval:APPROVAL_OF_REQUESTER@5"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseThatAJobOfNobodyAskedFor) {
  pending_ = Add(Pending(release_));
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  release_.mutable_caller()->set_issuer("gone");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), ElementsAre("approval:BEHIND_UNKNOWN@5"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalForAnotherOrigin) {
  EXPECT_THAT(FoundWith([](auto& said) { said.set_origin("other.example"); }),
              Contains("approval:APPROVAL_ORIGIN@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalOfAnotherVersion) {
  EXPECT_THAT(FoundWith([](auto& said) { said.set_version("9.9.9"); }),
              Contains("approval:APPROVAL_OTHER_REQUEST@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalOfAnotherCounter) {
  EXPECT_THAT(FoundWith([](auto& said) { said.set_security_counter(99); }),
              Contains("approval:APPROVAL_OTHER_REQUEST@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalOfAnotherPayload) {
  EXPECT_THAT(FoundWith([](auto& said) {
                said.set_payload_sha256(std::string(32, 'x'));
              }),
              Contains("approval:APPROVAL_OTHER_REQUEST@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalForAnotherRequester) {
  EXPECT_THAT(FoundWith([](auto& said) { said.set_requester("mallory"); }),
              Contains("approval:APPROVAL_OTHER_REQUEST@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalThatHadEnded) {
  EXPECT_THAT(FoundWith([this](auto& said) {
                said.set_not_after_unix_ms(now_ms_ - 61'000);
              }),
              Contains("approval:APPROVAL_EXPIRED@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalThatDidNotYetCount) {
  EXPECT_THAT(FoundWith([this](auto& said) {
                said.set_not_before_unix_ms(now_ms_ + 90'000);
              }),
              Contains("approval:APPROVAL_NOT_YET@4"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseAfterADenial) {
  v1::ApprovalStatement no = Statement("ruth", pending_);
  no.set_verdict(v1::DENY);
  no.set_reason("not this one");
  const auto rita = Approve("rita");
  const auto denial = Say(no);
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVAL_DENIED@5"));
  EXPECT_THAT(MessageOf("APPROVAL_DENIED"),
              HasSubstr("entry " + std::to_string(denial)));
}

TEST_F(ApprovalReviewTest, FindsAReleaseAfterADenialThatNeedsNobodyAnyMore) {
  v1::ApprovalStatement no = Statement("ruth", pending_);
  no.set_verdict(v1::DENY);
  no.set_reason("not this one");
  Say(no);
  policy_.mutable_targets(3)->set_approvals(0);
  policy_.set_version(policy_.version() + 1);
  AddPolicy();
  release_.set_policy_sha256(policy_sha256_);
  Add(release_);
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@3?",
                                   "approval:APPROVAL_DENIED@4"));
}

TEST_F(ApprovalReviewTest, DoesNotCountADenial) {
  EXPECT_THAT(FoundWith([](auto& said) {
                said.set_verdict(v1::DENY);
                said.set_reason("no");
              }),
              Contains("approval:APPROVAL_DENIES@4"));
}

TEST_F(ApprovalReviewTest, TakesAReleaseAfterADenialThatHadEnded) {
  v1::ApprovalStatement no = Statement("ruth", pending_);
  no.set_verdict(v1::DENY);
  no.set_reason("not today");
  no.set_not_after_unix_ms(now_ms_ + 10'000);
  Say(no);
  now_ms_ += 120'000;
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(ApprovalReviewTest, HoldsADenialAgainstTheSameAskedAgain) {
  v1::ApprovalStatement no = Statement("ruth", pending_);
  no.set_verdict(v1::DENY);
  no.set_reason("never");
  Say(no);
  pending_ = Add(Pending(release_));
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVAL_DENIED@6"));
}

TEST_F(ApprovalReviewTest, TakesNoDenialOfSomebodyWhoMayNotApprove) {
  v1::ApprovalStatement no = Statement("alice", pending_);
  no.set_verdict(v1::DENY);
  no.set_reason("mine first");
  Say(no);
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(ApprovalReviewTest, DoesNotCountAnApprovalThatLivesTooLong) {
  EXPECT_THAT(
      FoundWith([this](auto& said) {
        said.set_not_after_unix_ms(now_ms_ + std::int64_t{30} * 86'400'000);
      }),
      Contains("approval:APPROVAL_TOO_LONG@4"));
}

TEST_F(ApprovalReviewTest, FindsAnApprovalEditedByOneByte) {
  const auto rita = Approve("rita");
  v1::Entry edited = Approval(Statement("ruth", pending_), pending_);
  std::string& payload =
      *edited.mutable_approval()->mutable_envelope()->mutable_payload();
  payload[payload.find("1.0.0")] = '2';
  const auto ruth = Add(edited);
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains(HasSubstr("@3")));
  EXPECT_THAT(Found(), Contains("approval:APPROVALS_MISSING@4"));
}

TEST_F(ApprovalReviewTest, FindsAnEntryThatSaysSomethingElseThanWasSigned) {
  v1::Entry misstated = Approval(Statement("ruth", pending_), pending_);
  misstated.mutable_approval()->set_verdict(v1::DENY);
  Add(misstated);
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVAL_MISSTATED@2"));
}

TEST_F(ApprovalReviewTest, DoesNotCountAKeyThatWasRetiredSince) {
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  for (v1::Person& person : *policy_.mutable_people()) {
    if (person.name() == "ruth") {
      person.mutable_approver_keys(0)->set_retired(true);
    }
  }
  policy_.set_version(policy_.version() + 1);
  AddPolicy();
  release_.set_policy_sha256(policy_sha256_);
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@4?",
                                   "approval:APPROVAL_RETIRED_KEY@5",
                                   "approval:APPROVALS_MISSING@5"));
}

TEST_F(ApprovalReviewTest, JudgesByThePolicyOfThatTime) {
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  policy_.mutable_targets(3)->set_approvals(1);
  policy_.mutable_roles(3)->clear_members();
  policy_.mutable_roles(3)->add_members("alice");
  policy_.set_version(policy_.version() + 1);
  AddPolicy();
  EXPECT_THAT(Found(), Each("policy:TRUST_CHANGED@5?"));
}

// Before the policy had to say who stands behind ci.
TEST_F(ApprovalReviewTest, JudgesByAPolicyThatTodayWouldNotComeIntoForce) {
  policy_.mutable_people(0)->clear_nobody_behind();
  policy_.set_version(policy_.version() + 1);
  ASSERT_FALSE(trust::Policy::Parse(TextOf(policy_)).ok());
  AddPolicy();
  release_.set_policy_sha256(policy_sha256_);
  pending_ = Add(Pending(release_));
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@2?"));
  Add(Done(release_, pending_, {rita}));
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@2?",
                                   "approval:APPROVALS_MISSING@7"));
}

TEST_F(ApprovalReviewTest, FindsAPolicyThatNeverWasOne) {
  policy_.mutable_targets(3)->set_key("gone");
  policy_.set_version(policy_.version() + 1);
  AddPolicy();
  EXPECT_THAT(Found(), Contains("policy:POLICY_INVALID@2"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseOfSomethingElseThanWaited) {
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  Add(Done(Release("guarded", "6.6.6", 5), pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains("approval:PENDING_DIFFERS@4"));
  EXPECT_THAT(Found(), Contains("approval:APPROVAL_OTHER_REQUEST@4"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseThatAnotherTook) {
  const auto rita = Approve("rita");
  const auto ruth = Approve("ruth");
  v1::Entry stolen = release_;
  stolen.mutable_caller()->set_identity("alice");
  Add(Done(stolen, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains("approval:PENDING_DIFFERS@4"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseThatNamesNoRequestOfTheLog) {
  Add(Done(release_, 0, {}));
  EXPECT_THAT(Found(), ElementsAre("approval:PENDING_UNKNOWN@2"));
}

TEST_F(ApprovalReviewTest, FindsAReleaseAfterItsRequestHadEnded) {
  const auto rita = Approve("rita");
  now_ms_ += std::int64_t{7} * 86'400'000 + 3'600'000;
  const auto ruth = Approve("ruth");
  Add(Done(release_, pending_, {rita, ruth}));
  EXPECT_THAT(Found(), Contains("approval:PENDING_ENDED@4"));
}

TEST_F(ApprovalReviewTest, ForgetsARequestLongAfterItsEnd) {
  now_ms_ += std::int64_t{30} * 86'400'000;
  Add(Done(release_, pending_, {}));
  EXPECT_THAT(Found(), ElementsAre("approval:PENDING_UNKNOWN@2"));
}

TEST_F(ApprovalReviewTest, FindsApprovalsThatAreNone) {
  const auto rita = Approve("rita");
  Add(Done(release_, pending_, {rita, 0, 99}));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVAL_UNKNOWN@3",
                                   "approval:APPROVAL_UNKNOWN@3",
                                   "approval:APPROVALS_MISSING@3"));
}

TEST_F(ApprovalReviewTest, FindsAnApprovalOfNothing) {
  Add(Approval(Statement("rita", pending_), 0));
  EXPECT_THAT(Found(), ElementsAre("approval:APPROVAL_OF_NOTHING@2"));
}

TEST_F(ApprovalReviewTest, FindsARequestThatMisstatesWhatIsToBeApproved) {
  v1::Entry entry = Pending(release_);
  entry.mutable_signing()->set_subject_sha256(std::string(32, 'x'));
  Add(entry);
  EXPECT_THAT(Found(), ElementsAre("approval:SUBJECT_MISSTATED@2"));
}

}  // namespace
}  // namespace bootseal::tests

#include "server/trust/quorum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "server/trust/parts.h"
#include "tests/server/trust/example_policy.h"
#include "tests/server/trust/quorum_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::trust {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::StatusIs;
using tests::TestApprover;

TEST_F(QuorumTest, TakesAnApprovalOfExactlyThisRequest) {
  EXPECT_OK(Check(audrey_.Sign(Statement())));
  EXPECT_OK(Check(audrey_.Sign(Denied())));
}

struct Spoilt {
  const char* code;
  std::function<void(v1::ApprovalStatement&)> spoil;
};

TEST_F(QuorumTest, TakesNoApprovalOfAnythingElse) {
  const Spoilt kSpoilt[] = {
      {"ORIGIN_DIFFERS", [](auto& s) { s.set_origin("staging.example/a"); }},
      {"TARGET_DIFFERS", [](auto& s) { s.set_target("app"); }},
      {"REQUESTER_DIFFERS", [](auto& s) { s.set_requester("alice"); }},
      {"SUBJECT_DIFFERS",
       [](auto& s) { s.set_subject_sha256(std::string(32, 't')); }},
      {"PAYLOAD_DIFFERS",
       [](auto& s) { s.set_payload_sha256(std::string(32, 'q')); }},
      {"VERSION_DIFFERS", [](auto& s) { s.set_version("1.2.4"); }},
      {"SECURITY_COUNTER_DIFFERS", [](auto& s) { s.set_security_counter(5); }},
  };
  for (const Spoilt& each : kSpoilt) {
    for (v1::ApprovalStatement statement : {Statement(), Denied()}) {
      each.spoil(statement);
      EXPECT_THAT(Check(audrey_.Sign(statement)),
                  StatusIs(absl::StatusCode::kPermissionDenied, each.code));
    }
  }
}

TEST_F(QuorumTest, TakesNoApprovalOfAnImageForAKey) {
  Recorded pending{7, {}};
  pending.entry.mutable_caller()->set_identity("ci");
  v1::KeyEvent& event = *pending.entry.mutable_key();
  event.set_subject_sha256(std::string(32, 's'));
  event.mutable_change()->set_action(v1::ACTIVATE);
  event.mutable_change()->set_key("app");
  event.mutable_change()->set_public_key_sha256(std::string(32, 'k'));
  const v1::ApprovalStatement image = Statement();
  v1::KeyApprovals demand;
  demand.set_approvals(1);
  demand.add_approvers("release-manager");
  matter_ = MatterOf(*tests::Parsed(proto_), "bootseal.example/audit", pending,
                     v1::Caller(), DemandOf(demand));
  EXPECT_THAT(Check(audrey_.Sign(image)),
              StatusIs(absl::StatusCode::kPermissionDenied, "TARGET_DIFFERS"));
  EXPECT_OK(Check(audrey_.Sign(Statement())));
  v1::ApprovalStatement other = Statement();
  other.mutable_key_change()->set_action(v1::RETIRE);
  EXPECT_THAT(
      Check(audrey_.Sign(other)),
      StatusIs(absl::StatusCode::kPermissionDenied, "KEY_CHANGE_DIFFERS"));
}

TEST_F(QuorumTest, TakesNoApprovalThatWasEditedByOneByte) {
  const v1::DsseEnvelope good = audrey_.Sign(Statement());
  ASSERT_OK(Check(good));
  for (std::size_t i = 0; i < good.payload().size(); ++i) {
    v1::DsseEnvelope edited = good;
    (*edited.mutable_payload())[i] ^= 1;
    EXPECT_FALSE(Check(edited).ok()) << "byte " << i;
  }
  for (std::size_t i = 0; i < good.signatures(0).sig().size(); ++i) {
    v1::DsseEnvelope edited = good;
    (*edited.mutable_signatures(0)->mutable_sig())[i] ^= 1;
    EXPECT_FALSE(Check(edited).ok()) << "signature byte " << i;
  }
}

TEST_F(QuorumTest, CountsFromItsFirstMomentUntilItsLast) {
  const v1::DsseEnvelope envelope = audrey_.Sign(Statement());
  EXPECT_OK(Check(envelope, kNow - kHour));
  EXPECT_OK(Check(envelope, kNow - kHour - kClockSkewMs));
  EXPECT_THAT(
      Check(envelope, kNow - kHour - kClockSkewMs - 1),
      StatusIs(absl::StatusCode::kPermissionDenied, "APPROVAL_NOT_YET"));
  EXPECT_OK(Check(envelope, kNow + kHour - 1));
  EXPECT_THAT(
      Check(envelope, kNow + kHour),
      StatusIs(absl::StatusCode::kPermissionDenied, "APPROVAL_EXPIRED"));
}

TEST_F(QuorumTest, LivesNoLongerThanTheTargetSays) {
  v1::ApprovalStatement statement = Statement();
  statement.set_not_after_unix_ms(kNow + 23 * kHour);
  EXPECT_OK(Check(audrey_.Sign(statement)));
  statement.set_not_after_unix_ms(kNow + 23 * kHour + 1);
  EXPECT_THAT(
      Check(audrey_.Sign(statement)),
      StatusIs(absl::StatusCode::kPermissionDenied, "APPROVAL_TOO_LONG"));
}

TEST_F(QuorumTest, TakesNoApprovalOfAnUnknownKey) {
  const TestApprover impostor("audrey");
  EXPECT_THAT(
      Check(impostor.Sign(Statement())),
      StatusIs(absl::StatusCode::kPermissionDenied, "UNKNOWN_APPROVER_KEY"));
}

TEST_F(QuorumTest, TakesNoApprovalInAnothersName) {
  v1::ApprovalStatement statement = Statement();
  statement.set_approver("alice");
  EXPECT_THAT(
      Check(audrey_.Sign(statement)),
      StatusIs(absl::StatusCode::kPermissionDenied, "APPROVER_DIFFERS"));
}

TEST_F(QuorumTest, TakesNoApprovalThatIsOlderThanTheRequest) {
  const v1::DsseEnvelope envelope = audrey_.Sign(Statement());
  const std::int64_t from = Statement().not_before_unix_ms();
  matter_.since_unix_ms = from + 2 * kClockSkewMs;
  EXPECT_OK(Check(envelope));
  matter_.since_unix_ms = from + 2 * kClockSkewMs + 1;
  EXPECT_OK(Check(audrey_.Sign(Denied())));
  EXPECT_THAT(Check(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                        "APPROVAL_TOO_OLD"));
}

TEST_F(QuorumTest, LetsARecordedDenialStandWhateverBecomesOfItsGiver) {
  v1::ApprovalStatement over = Denied();
  over.set_not_after_unix_ms(kNow - 1);
  for (const v1::ApprovalStatement& statement : {over, Denied()}) {
    approvals_.clear();
    // Bob may not approve, and stands behind the job.
    Record((statement.not_after_unix_ms() < kNow ? audrey_ : bob_)
               .Sign(statement));
    approvals_.back().event.set_verdict(v1::DENY);
    approvals_.back().event.set_approver("whoever");
    const Quorum quorum = Count();
    ASSERT_TRUE(quorum.denial);
    EXPECT_EQ(quorum.denial->reason, "not today");
  }
  proto_.add_revoked_approvals(absl::BytesToHexString(
      OpenEnvelope(*tests::Parsed(proto_), approvals_.back().event.envelope())
          ->sha256));
  EXPECT_FALSE(Count().denial);
}

TEST_F(QuorumTest, LetsADenialBeRevokedWhoseKeyLeftThePolicy) {
  const TestApprover gone("audrey");
  const v1::DsseEnvelope envelope = gone.Sign(Denied());
  Record(envelope);
  approvals_.back().event.set_verdict(v1::DENY);
  EXPECT_TRUE(Count().denial);
  proto_.add_revoked_approvals(
      absl::BytesToHexString(Sha256Of(envelope.payload())));
  EXPECT_FALSE(Count().denial);
}

TEST_F(QuorumTest, TakesNoApprovalOfARetiredKey) {
  const v1::DsseEnvelope envelope = audrey_.Sign(Statement());
  for (v1::Person& person : *proto_.mutable_people()) {
    if (person.name() != "audrey") continue;
    person.mutable_approver_keys(person.approver_keys_size() - 1)
        ->set_retired(true);
  }
  EXPECT_THAT(Check(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                        "APPROVER_KEY_RETIRED"));
}

TEST_F(QuorumTest, TakesNoApprovalThatThePolicyRevokes) {
  const v1::DsseEnvelope envelope = audrey_.Sign(Statement());
  proto_.add_revoked_approvals(
      absl::BytesToHexString(Sha256Of(envelope.payload())));
  EXPECT_THAT(Check(envelope), StatusIs(absl::StatusCode::kPermissionDenied,
                                        "APPROVAL_REVOKED"));
}

TEST_F(QuorumTest, TakesNoApprovalOfWhoIsNoApproverAnyMore) {
  const v1::DsseEnvelope envelope = audrey_.Sign(Statement());
  v1::Role& role = *proto_.mutable_roles(proto_.roles_size() - 1);
  role.mutable_members()->DeleteSubrange(0, 1);
  EXPECT_THAT(Check(envelope),
              StatusIs(absl::StatusCode::kPermissionDenied, "NOT_AN_APPROVER"));
}

TEST_F(QuorumTest, TakesNoApprovalOfWhoAskedOrStandsBehindTheJob) {
  EXPECT_THAT(Check(bob_.Sign(Statement())),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
  matter_.excluded = {"audrey"};
  EXPECT_THAT(Check(audrey_.Sign(Statement())),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
}

TEST_F(QuorumTest, ExcludesWhoStandsBehindTheJobThatAsksForTheRelease) {
  v1::Caller now;
  now.set_identity("ci");
  now.set_behind("alice");
  matter_ = MatterOf(*tests::Parsed(proto_), "bootseal.example/audit",
                     Pending(), now, matter_.demand);
  EXPECT_THAT(Check(alice_.Sign(Statement())),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
  EXPECT_THAT(Check(bob_.Sign(Statement())),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
  EXPECT_OK(Check(audrey_.Sign(Statement())));
}

TEST_F(QuorumTest, DemandsTheWordThatTheCounterMayGoDown) {
  matter_.demand.lowering.security_counter_from = 9;
  v1::ApprovalStatement statement = Statement();
  statement.set_allows_lower_version(true);
  EXPECT_THAT(
      Check(audrey_.Sign(statement)),
      StatusIs(absl::StatusCode::kPermissionDenied, "LOWERING_NOT_ALLOWED"));
  statement.set_allows_lower_security_counter(true);
  EXPECT_OK(Check(audrey_.Sign(statement)));
  EXPECT_OK(Check(audrey_.Sign(Denied())));
}

TEST_F(QuorumTest, DemandsTheWordThatTheVersionMayGoDown) {
  matter_.demand.lowering.version_from = "2.0.0";
  v1::ApprovalStatement statement = Statement();
  statement.set_allows_lower_security_counter(true);
  EXPECT_THAT(
      Check(audrey_.Sign(statement)),
      StatusIs(absl::StatusCode::kPermissionDenied, "LOWERING_NOT_ALLOWED"));
  statement.set_allows_lower_version(true);
  EXPECT_OK(Check(audrey_.Sign(statement)));
}

TEST_F(QuorumTest, CountsDistinctPeople) {
  Record(audrey_.Sign(Statement()));
  Record(alice_.Sign(Statement()));
  const Quorum quorum = Count();
  EXPECT_THAT(quorum.people, ElementsAre("audrey", "alice"));
  EXPECT_THAT(quorum.indices, ElementsAre(8u, 9u));
  EXPECT_THAT(quorum.uncounted, IsEmpty());
  EXPECT_FALSE(quorum.denial);
}

TEST_F(QuorumTest, CountsOnePersonWithTwoKeysOnce) {
  const TestApprover second("audrey");
  AddApprover(second);
  Record(audrey_.Sign(Statement()));
  Record(second.Sign(Statement()));
  const Quorum quorum = Count();
  EXPECT_THAT(quorum.people, ElementsAre("audrey"));
  EXPECT_THAT(quorum.indices, ElementsAre(8u));
  ASSERT_EQ(quorum.uncounted.size(), 1u);
  EXPECT_THAT(quorum.uncounted[0].why,
              StatusIs(absl::StatusCode::kPermissionDenied, "APPROVED_TWICE"));
}

TEST_F(QuorumTest, SaysWhyAnApprovalDoesNotCount) {
  v1::ApprovalStatement old = Statement();
  old.set_not_before_unix_ms(kNow - 2 * kHour);
  old.set_not_after_unix_ms(kNow);
  Record(audrey_.Sign(old));
  Record(bob_.Sign(Statement()));
  const Quorum quorum = Count();
  EXPECT_THAT(quorum.people, IsEmpty());
  ASSERT_EQ(quorum.uncounted.size(), 2u);
  EXPECT_THAT(
      quorum.uncounted[0].why,
      StatusIs(absl::StatusCode::kPermissionDenied, "APPROVAL_EXPIRED"));
  EXPECT_THAT(quorum.uncounted[1].why,
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
}

TEST_F(QuorumTest, IsStoppedByOneDenial) {
  Record(audrey_.Sign(Statement()));
  Record(alice_.Sign(Denied()));
  const Quorum quorum = Count();
  ASSERT_TRUE(quorum.denial);
  EXPECT_EQ(quorum.denial->approver, "alice");
  EXPECT_EQ(quorum.denial->reason, "not today");
  EXPECT_EQ(quorum.denial->index, 9u);
}

TEST_F(QuorumTest, IsStoppedByADenialOfAnEarlierRequestOfTheSame) {
  Record(alice_.Sign(Denied()), /*pending=*/3);
  EXPECT_TRUE(Count().denial);
}

TEST_F(QuorumTest, IsNotStoppedByADenialThatIsOver) {
  v1::ApprovalStatement statement = Denied();
  statement.set_not_before_unix_ms(kNow - 2 * kHour);
  statement.set_not_after_unix_ms(kNow);
  Record(alice_.Sign(statement));
  EXPECT_FALSE(Count().denial);
}

TEST_F(QuorumTest, IsNotStoppedByTheDenialOfWhoMayNotApprove) {
  Record(bob_.Sign(Denied()));
  EXPECT_FALSE(Count().denial);
}

TEST_F(QuorumTest, CountsNoApprovalOfAnEarlierRequestOfTheSame) {
  Record(audrey_.Sign(Statement()), /*pending=*/3);
  const Quorum quorum = Count();
  EXPECT_THAT(quorum.people, IsEmpty());
  ASSERT_EQ(quorum.uncounted.size(), 1u);
  EXPECT_THAT(quorum.uncounted[0].why,
              StatusIs(absl::StatusCode::kPermissionDenied, "EARLIER_REQUEST"));
}
}  // namespace
}  // namespace bootseal::trust

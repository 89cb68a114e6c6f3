#include "server/trust/ruling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "tests/server/trust/example_policy.h"
#include "tests/support/test_approver.h"

namespace bootseal::trust {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tests::TestApprover;

constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kHour = 3'600'000;

v1::SigningEvent Event(const std::string& version, std::uint32_t counter) {
  v1::SigningEvent event;
  event.set_target("app");
  event.set_version(version);
  event.set_security_counter(counter);
  event.set_payload_sha256(std::string(32, 'p'));
  event.set_request_sha256(std::string(32, 'r'));
  v1::SignedDigest& digest = *event.add_digests();
  digest.set_key("app");
  digest.set_digest(std::string(32, 'd'));
  return event;
}

class RulingTest : public ::testing::Test {
 protected:
  RulingTest() {
    proto_ = tests::ExamplePolicy();
    proto_.mutable_people(2)->add_approver_keys()->set_public_key(
        audrey_.public_key());
    proto_.mutable_people(1)->add_approver_keys()->set_public_key(
        alice_.public_key());
    caller_ = tests::CallerNamed("ci");
    facts_.origin = "bootseal.example/audit";
    facts_.now_unix_ms = kNow;
  }

  v1::Target& target() { return *proto_.mutable_targets(0); }

  void LastRelease(const std::string& version, std::uint32_t counter) {
    facts_.last_release =
        std::make_shared<const v1::SigningEvent>(Event(version, counter));
  }

  void Pending(const v1::SigningEvent& asked) {
    Recorded pending{7, {}};
    *pending.entry.mutable_caller() = caller_;
    v1::SigningEvent& signing = *pending.entry.mutable_signing();
    signing = asked;
    signing.set_decision(v1::PENDING);
    signing.set_subject_sha256(SubjectOf("ci", asked));
    const Lowering lowering =
        DemandOf(target(), LoweringOf(asked, facts_.last_release.get()))
            .lowering;
    if (lowering.security_counter_from) {
      signing.set_lowers_security_counter_from(*lowering.security_counter_from);
    }
    if (lowering.version_from) {
      signing.set_lowers_version_from(*lowering.version_from);
    }
    signing.set_expires_unix_ms(kNow + kHour);
    facts_.history.pending = std::move(pending);
  }

  v1::ApprovalStatement Statement() const {
    v1::ApprovalStatement statement =
        MatterOf(*tests::Parsed(proto_), facts_.origin, *facts_.history.pending,
                 v1::Caller(), Demand())
            .statement;
    statement.set_policy_sha256(std::string(32, 'x'));
    statement.set_nonce(std::string(16, 'n'));
    statement.set_not_before_unix_ms(kNow - kHour);
    statement.set_not_after_unix_ms(kNow + kHour);
    statement.set_verdict(v1::APPROVE);
    return statement;
  }

  void Record(const v1::DsseEnvelope& envelope) {
    v1::ApprovalEvent event;
    *event.mutable_envelope() = envelope;
    event.set_pending_index(7);
    facts_.history.approvals.push_back(
        {8 + facts_.history.approvals.size(), event});
  }

  Ruling Rule(const v1::SigningEvent& asked) const {
    const auto policy = tests::Parsed(proto_);
    return RuleOn(*policy, *policy->FindTarget("app"), caller_, asked, facts_);
  }

  void ExpectRefused(const Ruling& ruling, const std::string& code,
                     const std::string& rule) {
    EXPECT_EQ(ruling.decision, v1::REFUSED) << ruling.reason;
    EXPECT_EQ(ruling.code, code);
    EXPECT_EQ(ruling.rule, rule);
  }

  const TestApprover audrey_{"audrey"};
  const TestApprover alice_{"alice"};
  v1::Policy proto_;
  v1::Caller caller_;
  Facts facts_;
};

TEST_F(RulingTest, AllowsTheFirstReleaseOfATarget) {
  EXPECT_EQ(Rule(Event("0.0.1", 0)).decision, v1::ALLOWED);
}

TEST_F(RulingTest, AllowsTheSameAndMore) {
  LastRelease("1.2.3", 5);
  for (const auto& [version, counter] :
       {std::pair("1.2.3", 5u), std::pair("1.2.3+1", 5u),
        std::pair("2.0.0", 6u)}) {
    EXPECT_EQ(Rule(Event(version, counter)).decision, v1::ALLOWED) << version;
  }
}

TEST_F(RulingTest, RefusesALowerCounter) {
  LastRelease("1.2.3", 5);
  const Ruling ruling = Rule(Event("1.2.4", 4));
  ExpectRefused(ruling, "SECURITY_COUNTER_LOWERED",
                "security_counter_rollback");
  EXPECT_THAT(ruling.reason, HasSubstr("security counter 4 is below 5"));
  EXPECT_EQ(ruling.lowering.security_counter_from, 5u);
}

TEST_F(RulingTest, RefusesACounterOfZeroWhereThereWasMore) {
  LastRelease("1.2.3", 5);
  ExpectRefused(Rule(Event("1.2.4", 0)), "SECURITY_COUNTER_LOWERED",
                "security_counter_rollback");
}

TEST_F(RulingTest, DoesNotCompareAnImageWithoutACounter) {
  LastRelease("1.2.3", 5);
  v1::SigningEvent asked = Event("1.2.4", 0);
  asked.clear_security_counter();
  EXPECT_EQ(Rule(asked).decision, v1::ALLOWED);
}

TEST_F(RulingTest, RemembersTheCounterBeforeAnImageWithoutOne) {
  v1::SigningEvent last = Event("1.2.3", 0);
  last.clear_security_counter();
  last.set_security_counter_before(5);
  facts_.last_release = std::make_shared<const v1::SigningEvent>(last);
  ExpectRefused(Rule(Event("1.2.4", 4)), "SECURITY_COUNTER_LOWERED",
                "security_counter_rollback");
  EXPECT_EQ(Rule(Event("1.2.4", 5)).decision, v1::ALLOWED);
}

TEST_F(RulingTest, RefusesALowerVersionUnlessTheTargetLetsItPass) {
  LastRelease("1.2.3+4", 5);
  for (const char* version : {"1.2.3+3", "1.2.3", "1.2.2", "1.1.9", "0.9.9"}) {
    ExpectRefused(Rule(Event(version, 5)), "VERSION_LOWERED",
                  "target.lower_version");
  }
  target().set_lower_version(v1::PASS);
  const Ruling ruling = Rule(Event("0.9.9", 5));
  EXPECT_EQ(ruling.decision, v1::ALLOWED);
  EXPECT_EQ(ruling.lowering.version_from, "1.2.3+4");
}

TEST_F(RulingTest, AsksForAnApprovalOfALowerVersion) {
  target().set_lower_version(v1::ASK);
  target().add_approvers("auditor");
  EXPECT_EQ(Rule(Event("1.2.2", 5)).decision, v1::ALLOWED);
  LastRelease("1.2.3", 5);
  const v1::SigningEvent asked = Event("1.2.2", 5);
  const Ruling ruling = Rule(asked);
  EXPECT_EQ(ruling.decision, v1::PENDING);
  EXPECT_EQ(ruling.code, "APPROVALS_REQUIRED");
  EXPECT_EQ(ruling.approvals_needed, 1u);
  Pending(asked);
  Record(audrey_.Sign(Statement()));
  EXPECT_EQ(Rule(asked).decision, v1::PENDING);
  v1::ApprovalStatement statement = Statement();
  statement.set_allows_lower_version(true);
  Record(audrey_.Sign(statement));
  EXPECT_EQ(Rule(asked).decision, v1::ALLOWED);
}

TEST_F(RulingTest, AsksForAnApprovalOfALowerCounter) {
  target().add_approvers("auditor");
  LastRelease("1.2.3", 5);
  const v1::SigningEvent asked = Event("1.2.4", 4);
  EXPECT_EQ(Rule(asked).decision, v1::PENDING);
  Pending(asked);
  Record(audrey_.Sign(Statement()));
  EXPECT_EQ(Rule(asked).decision, v1::PENDING);
  v1::ApprovalStatement statement = Statement();
  statement.set_allows_lower_security_counter(true);
  Record(audrey_.Sign(statement));
  const Ruling ruling = Rule(asked);
  EXPECT_EQ(ruling.decision, v1::ALLOWED);
  EXPECT_EQ(ruling.pending_index, 7u);
  EXPECT_THAT(ruling.quorum.indices, ElementsAre(9u));
}

class ApprovalsTest : public RulingTest {
 protected:
  ApprovalsTest() {
    target().set_approvals(2);
    target().add_approvers("auditor");
    // Alice does not ask, and so may approve.
    target().clear_requesters();
    target().add_requesters("ci");
    Pending(asked_);
  }

  void ExpectWaits(const v1::SigningEvent& asked) {
    const Ruling ruling = Rule(asked);
    EXPECT_EQ(ruling.decision, v1::PENDING) << ruling.reason;
    EXPECT_EQ(ruling.rule, "target.approvals");
    EXPECT_EQ(ruling.approvals_needed, 2u);
  }

  const v1::SigningEvent asked_ = Event("1.2.3", 5);
};

TEST_F(ApprovalsTest, WaitForAsManyPeopleAsTheTargetSays) {
  ExpectWaits(asked_);
  Record(audrey_.Sign(Statement()));
  ExpectWaits(asked_);
  Record(audrey_.Sign(Statement()));
  ExpectWaits(asked_);
  Record(alice_.Sign(Statement()));
  const Ruling ruling = Rule(asked_);
  EXPECT_EQ(ruling.decision, v1::ALLOWED);
  EXPECT_EQ(ruling.rule, "target.approvals");
  EXPECT_THAT(ruling.quorum.people, ElementsAre("audrey", "alice"));
  EXPECT_THAT(ruling.quorum.indices, ElementsAre(8u, 10u));
}

TEST_F(ApprovalsTest, AreOfOneDigestAndOneRequester) {
  Record(audrey_.Sign(Statement()));
  Record(alice_.Sign(Statement()));
  ASSERT_EQ(Rule(asked_).decision, v1::ALLOWED);
  v1::SigningEvent other = asked_;
  other.mutable_digests(0)->set_digest(std::string(32, 'e'));
  ExpectWaits(other);
  other = asked_;
  other.set_request_sha256(std::string(32, 'q'));
  ExpectWaits(other);
  other = asked_;
  other.clear_digests();
  ExpectWaits(other);
  caller_ = tests::CallerNamed("alice");
  ExpectWaits(asked_);
}

TEST_F(ApprovalsTest, AreStoppedByADenialWhateverCameBefore) {
  Record(audrey_.Sign(Statement()));
  Record(alice_.Sign(Statement()));
  v1::ApprovalStatement statement = Statement();
  statement.set_verdict(v1::DENY);
  statement.set_reason("wrong branch");
  Record(alice_.Sign(statement));
  const Ruling ruling = Rule(asked_);
  ExpectRefused(ruling, "REQUEST_DENIED", "target.approvals");
  EXPECT_THAT(ruling.reason, HasSubstr("alice denied it"));
  EXPECT_THAT(ruling.reason, HasSubstr("wrong branch"));
}

TEST_F(ApprovalsTest, AreOverWithTheRequest) {
  Record(audrey_.Sign(Statement()));
  Record(alice_.Sign(Statement()));
  facts_.history.pending->entry.mutable_signing()->set_expires_unix_ms(kNow);
  ExpectWaits(asked_);
  EXPECT_FALSE(Rule(asked_).pending_index);
}

TEST_F(ApprovalsTest, StayDeniedWhenTheRequestIsOver) {
  v1::ApprovalStatement statement = Statement();
  statement.set_verdict(v1::DENY);
  statement.set_reason("wrong branch");
  Record(alice_.Sign(statement));
  facts_.history.pending->entry.mutable_signing()->set_expires_unix_ms(kNow);
  ExpectRefused(Rule(asked_), "REQUEST_DENIED", "target.approvals");
}

TEST_F(ApprovalsTest, StayDeniedWhenTheTargetAsksNobodyAnyMore) {
  v1::ApprovalStatement statement = Statement();
  statement.set_verdict(v1::DENY);
  statement.set_reason("wrong branch");
  Record(alice_.Sign(statement));
  target().set_approvals(0);
  ExpectRefused(Rule(asked_), "REQUEST_DENIED", "target.approvals");
  v1::SigningEvent other = asked_;
  other.set_request_sha256(std::string(32, 'o'));
  EXPECT_EQ(Rule(other).decision, v1::ALLOWED);
}

TEST_F(ApprovalsTest, AreNoMoreThanPassedOverWhenTheTargetAsksNobody) {
  Record(audrey_.Sign(Statement()));
  target().set_approvals(0);
  const Ruling ruling = Rule(asked_);
  EXPECT_EQ(ruling.decision, v1::ALLOWED) << ruling.reason;
  EXPECT_EQ(ruling.rule, "target.requesters");
  EXPECT_FALSE(ruling.pending_index);
  EXPECT_TRUE(ruling.quorum.indices.empty());
}

TEST_F(ApprovalsTest, MustAllowWhatWasReleasedSince) {
  Record(audrey_.Sign(Statement()));
  Record(alice_.Sign(Statement()));
  LastRelease("1.2.3", 6);
  ExpectWaits(asked_);
  // Nobody was told: it waits anew.
  EXPECT_FALSE(Rule(asked_).pending_index);
}

TEST_F(ApprovalsTest, AllowNoDeeperFallThanTheyWereTold) {
  facts_.history.pending->entry.mutable_signing()
      ->set_lowers_security_counter_from(6);
  v1::ApprovalStatement statement = Statement();
  statement.set_allows_lower_security_counter(true);
  Record(audrey_.Sign(statement));
  Record(alice_.Sign(statement));
  LastRelease("1.2.3", 6);
  EXPECT_EQ(Rule(asked_).decision, v1::ALLOWED) << Rule(asked_).reason;
  LastRelease("1.2.3", 500);
  ExpectWaits(asked_);
  EXPECT_FALSE(Rule(asked_).pending_index);
}

TEST_F(ApprovalsTest, WaitAnewAfterTheReleaseOnceTheyDoNotCount) {
  facts_.history.done = 9;
  ExpectWaits(asked_);
  EXPECT_FALSE(Rule(asked_).pending_index);
}

TEST(HistoryTest, KeepsTheNewestRequestAndWhatCameOfIt) {
  std::vector<Recorded> entries(5);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].index = i + 10;
  entries[0].entry.mutable_signing()->set_decision(v1::PENDING);
  entries[1].entry.mutable_approval()->set_approver("alice");
  entries[2].entry.mutable_signing()->set_decision(v1::ALLOWED);
  entries[3].entry.mutable_signing()->set_decision(v1::PENDING);
  entries[4].entry.mutable_signing()->set_decision(v1::REFUSED);
  const History history = HistoryOf(entries);
  ASSERT_TRUE(history.pending);
  EXPECT_EQ(history.pending->index, 13u);
  EXPECT_FALSE(history.done);
  ASSERT_EQ(history.approvals.size(), 1u);
  EXPECT_EQ(history.approvals[0].index, 11u);
  entries.resize(3);
  EXPECT_EQ(HistoryOf(entries).done, 12u);
}

}  // namespace
}  // namespace bootseal::trust

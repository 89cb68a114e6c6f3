#include "server/trust/behind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/trust/decision.h"
#include "server/trust/quorum.h"
#include "server/trust/ruling.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::trust {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tests::StatusIs;

constexpr std::int64_t kNow = 1'800'000'000'000;

// Target "guarded" takes two approvals of alice and audrey; "ci" is a job of
// issuer "github", whose accounts 77 and 78 are alice's and a bot's.
class BehindTest : public ::testing::Test {
 protected:
  BehindTest() {
    proto_ = tests::ExamplePolicy();
    tests::AddIssuer(proto_, "github");
    proto_.mutable_people(1)->add_accounts("github 77");
    proto_.mutable_people(1)->add_approver_keys()->set_public_key(
        alice_.public_key());
    v1::Person& bot = *proto_.add_people();
    bot.set_name("bot");
    bot.add_accounts("github 78");
  }

  static v1::Caller JobOf(const std::string& account) {
    v1::Caller caller;
    caller.set_identity("ci");
    caller.set_method("oidc");
    caller.set_issuer("github");
    v1::Claim& claim = *caller.add_claims();
    claim.set_name("actor_id");
    claim.set_value(account);
    return caller;
  }

  absl::Status Check(const v1::Caller& caller) const {
    return CheckBehindKnown(*tests::Parsed(proto_), caller);
  }

  Admission Admit(const v1::Caller& caller) const {
    v1::SignHeader header;
    header.set_request_id("build-1");
    header.set_target("guarded");
    header.set_version("1.0.0");
    header.set_payload_size(1000);
    const auto policy = tests::Parsed(proto_);
    return Judge(*policy).Admit(caller, header);
  }

  Ruling Rule(const v1::Caller& caller) const {
    const auto policy = tests::Parsed(proto_);
    v1::SigningEvent asked;
    asked.set_target("guarded");
    asked.set_version("1.0.0");
    return RuleOn(*policy, *policy->FindTarget("guarded"), caller, asked,
                  Facts{"bootseal.example/audit", kNow, nullptr, {}});
  }

  Matter MatterOfJob(const v1::Caller& caller,
                     const v1::Caller& asking = {}) const {
    Recorded pending{7, {}};
    *pending.entry.mutable_caller() = caller;
    v1::SigningEvent& signing = *pending.entry.mutable_signing();
    signing.set_target("guarded");
    signing.set_version("1.0.0");
    signing.set_payload_sha256(std::string(32, 'p'));
    signing.set_subject_sha256(std::string(32, 's'));
    return MatterOf(*tests::Parsed(proto_), "bootseal.example/audit", pending,
                    asking, DemandOf(proto_.targets(3), {}));
  }

  v1::DsseEnvelope Word(const Matter& matter, v1::Verdict verdict) const {
    v1::ApprovalStatement statement = matter.statement;
    statement.set_policy_sha256(std::string(32, 'x'));
    statement.set_nonce(std::string(16, 'n'));
    statement.set_not_before_unix_ms(kNow - 1000);
    statement.set_not_after_unix_ms(kNow + 1000);
    statement.set_verdict(verdict);
    if (verdict == v1::DENY) statement.set_reason("not today");
    return alice_.Sign(statement);
  }

  absl::Status CheckWord(const Matter& matter, v1::Verdict verdict) const {
    return CheckApproval(*tests::Parsed(proto_), matter, Word(matter, verdict),
                         kNow)
        .status();
  }

  v1::Policy proto_;
  const tests::TestApprover alice_{"alice"};
};

TEST_F(BehindTest, IsKnownOfAnAccountOfSomebody) {
  EXPECT_OK(Check(JobOf("77")));
  EXPECT_THAT(PeopleBehind(*tests::Parsed(proto_), JobOf("77")),
              ElementsAre("alice"));
  EXPECT_OK(Check(JobOf("78")));
  EXPECT_EQ(Admit(JobOf("78")).decision, v1::PENDING);
  EXPECT_EQ(Rule(JobOf("78")).decision, v1::PENDING);
}

TEST_F(BehindTest, IsUnknownOfAnAccountOfNobodyAndSaysHowToMendThat) {
  const absl::Status status = Check(JobOf("1234567"));
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("claim actor_id of issuer github is \"1234567\", an "
                        "account of nobody in the policy; add \"github "
                        "1234567\" to the accounts of its person under people "
                        "{ accounts }"));
}

TEST_F(BehindTest, IsUnknownOfATokenWithoutTheClaim) {
  v1::Caller caller = JobOf("77");
  caller.clear_claims();
  EXPECT_THAT(Check(caller),
              StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
  EXPECT_THAT(std::string(Check(caller).message()),
              HasSubstr("the token of issuer github has no claim actor_id"));
  EXPECT_THAT(Check(JobOf("")),
              StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
}

TEST_F(BehindTest, IsUnknownOfAnAccountAtAnotherIssuer) {
  v1::Issuer other = proto_.issuers(0);
  other.set_name("gitlab");
  other.set_url("https://other.example");
  *proto_.add_issuers() = other;
  v1::Caller caller = JobOf("77");
  caller.set_issuer("gitlab");
  EXPECT_THAT(Check(caller),
              StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
}

TEST_F(BehindTest, IsUnknownOfAnIssuerThatThePolicyLost) {
  v1::Caller caller = JobOf("77");
  caller.set_issuer("gone");
  EXPECT_THAT(Check(caller),
              StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
}

TEST_F(BehindTest, RefusesAJobOfNobodyBeforeItsUpload) {
  const Admission admission = Admit(JobOf("1234567"));
  EXPECT_EQ(admission.decision, v1::REFUSED);
  EXPECT_EQ(admission.code, "BEHIND_UNKNOWN");
  EXPECT_EQ(admission.rule, "target.approvals");
  EXPECT_EQ(admission.target, nullptr);
}

TEST_F(BehindTest, AdmitsAJobOfNobodyWhereNobodyApproves) {
  v1::SignHeader header;
  header.set_request_id("build-1");
  header.set_target("app");
  header.set_version("1.0.0");
  header.set_payload_size(1000);
  const auto policy = tests::Parsed(proto_);
  EXPECT_EQ(Judge(*policy).Admit(JobOf("1234567"), header).decision,
            v1::ALLOWED);
}

TEST_F(BehindTest, RefusesAJobOfNobodyThatLowersWhatPeopleMayLower) {
  proto_.mutable_targets(3)->set_approvals(0);
  proto_.mutable_targets(3)->set_lower_version(v1::ASK);
  EXPECT_EQ(Admit(JobOf("1234567")).decision, v1::ALLOWED);
  v1::SigningEvent last;
  last.set_version("2.0.0");
  v1::SigningEvent asked;
  asked.set_target("guarded");
  asked.set_version("1.0.0");
  const auto policy = tests::Parsed(proto_);
  const Facts facts{"bootseal.example/audit",
                    kNow,
                    std::make_shared<const v1::SigningEvent>(last),
                    {}};
  const Ruling ruling = RuleOn(*policy, *policy->FindTarget("guarded"),
                               JobOf("1234567"), asked, facts);
  EXPECT_EQ(ruling.decision, v1::REFUSED);
  EXPECT_EQ(ruling.code, "BEHIND_UNKNOWN");
  EXPECT_EQ(
      RuleOn(*policy, *policy->FindTarget("guarded"), JobOf("78"), asked, facts)
          .decision,
      v1::PENDING);
}

TEST_F(BehindTest, RefusesTheApprovalAndTakesTheDenialOfAJobOfNobody) {
  const Matter matter = MatterOfJob(JobOf("1234567"));
  EXPECT_THAT(CheckWord(matter, v1::APPROVE),
              StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
  EXPECT_OK(CheckWord(matter, v1::DENY));
  v1::ApprovalEvent event;
  *event.mutable_envelope() = Word(matter, v1::APPROVE);
  event.set_pending_index(7);
  EXPECT_THAT(
      CountApprovals(*tests::Parsed(proto_), matter, {{8, event}}, kNow).people,
      IsEmpty());
}

TEST_F(BehindTest, RefusesApprovalsWhenAJobOfNobodyAsksForTheRelease) {
  EXPECT_OK(CheckWord(MatterOfJob(JobOf("78")), v1::APPROVE));
  EXPECT_THAT(
      CheckWord(MatterOfJob(JobOf("78"), JobOf("1234567")), v1::APPROVE),
      StatusIs(absl::StatusCode::kPermissionDenied, "BEHIND_UNKNOWN"));
}

// Recorded as the bot's, until somebody noticed whose account it is.
TEST_F(BehindTest, ExcludesWhomThePolicyNowTellsByTheAccount) {
  v1::Caller caller = JobOf("77");
  caller.set_behind("bot");
  EXPECT_THAT(CheckWord(MatterOfJob(caller), v1::APPROVE),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
}

TEST_F(BehindTest, ExcludesWhomThePolicyNamesBehindACertificate) {
  proto_.mutable_people(0)->clear_nobody_behind();
  proto_.mutable_people(0)->add_behind("alice");
  proto_.mutable_targets(3)->set_approvals(1);
  EXPECT_THAT(CheckWord(MatterOfJob(tests::CallerNamed("ci")), v1::APPROVE),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
}

// The policy in force says no more that alice stands behind; the entry does.
TEST_F(BehindTest, ExcludesWhomTheEntryNamesBehindACertificate) {
  v1::Caller caller = tests::CallerNamed("ci");
  EXPECT_OK(CheckWord(MatterOfJob(caller), v1::APPROVE));
  caller.add_also_behind("alice");
  EXPECT_THAT(CheckWord(MatterOfJob(caller), v1::APPROVE),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
}

TEST_F(BehindTest, ExcludesWhomThePolicyNamesBehindTheAccountsBot) {
  proto_.mutable_people()->rbegin()->add_behind("alice");
  EXPECT_THAT(PeopleBehind(*tests::Parsed(proto_), JobOf("78")),
              ElementsAre("bot", "alice"));
  EXPECT_THAT(CheckWord(MatterOfJob(JobOf("78")), v1::APPROVE),
              StatusIs(absl::StatusCode::kPermissionDenied, "OWN_REQUEST"));
}

TEST_F(BehindTest, FollowsChainsAndEndsInCycles) {
  proto_.mutable_targets(3)->set_approvals(1);
  proto_.mutable_people(0)->clear_nobody_behind();
  proto_.mutable_people(0)->add_behind("bot");
  proto_.mutable_people()->rbegin()->add_behind("alice");
  proto_.mutable_people(1)->add_behind("bot");
  const auto policy = tests::Parsed(proto_);
  EXPECT_THAT(PeopleBehind(*policy, tests::CallerNamed("ci")),
              ElementsAre("bot", "alice"));
  v1::Caller caller;
  SetPerson(*policy, *policy->FindPerson("ci"), caller);
  EXPECT_THAT(caller.also_behind(), ElementsAre("bot", "alice"));
}

TEST_F(BehindTest, IsRecordedWithACallerOfThatPerson) {
  proto_.mutable_people(0)->clear_nobody_behind();
  proto_.mutable_people(0)->add_behind("bot");
  const auto policy = tests::Parsed(proto_);
  v1::Caller caller;
  SetPerson(*policy, *policy->FindPerson("ci"), caller);
  EXPECT_EQ(caller.identity(), "ci");
  EXPECT_THAT(caller.roles(), Contains("ci"));
  EXPECT_THAT(caller.also_behind(), ElementsAre("bot"));
}

}  // namespace
}  // namespace bootseal::trust

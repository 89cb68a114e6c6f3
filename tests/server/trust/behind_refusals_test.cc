// A policy that does not tell who stands behind a requester is refused with one
// line about it.
#include <string>

#include "tests/server/trust/spoilt_policy.h"

namespace bootseal::trust {
namespace {

using tests::Spoilt;

constexpr int kCi = 0;
constexpr int kAlice = 1;

v1::Person& Ci(v1::Policy& policy) { return *policy.mutable_people(kCi); }

// "ci" is a job there, and only that.
v1::Issuer& MakeJob(v1::Policy& policy) {
  v1::Issuer& issuer = tests::AddIssuer(policy);
  Ci(policy).clear_subjects();
  Ci(policy).clear_nobody_behind();
  v1::Workload& workload = *Ci(policy).add_workloads();
  workload.set_issuer("jobs");
  v1::ClaimRule& rule = *workload.add_claims();
  rule.set_claim("repository_id");
  rule.set_equals("4711");
  return issuer;
}

void ManageKeys(v1::Policy& policy) {
  policy.mutable_targets(3)->set_requesters(0, "developer");
  policy.mutable_targets(3)->set_approvals(1);
  policy.mutable_key_approvals()->set_approvals(1);
  policy.mutable_key_approvals()->add_approvers("auditor");
  policy.mutable_roles(0)->add_permissions(v1::MANAGE_KEYS);
  Ci(policy).clear_nobody_behind();
}

class PolicyRefusesBehind : public ::testing::TestWithParam<Spoilt> {};

TEST_P(PolicyRefusesBehind, ByName) { tests::ExpectRefusedByName(GetParam()); }

class PolicyDemandsBehind : public ::testing::TestWithParam<Spoilt> {};

TEST_P(PolicyDemandsBehind, ByNameUnlessLogged) {
  tests::ExpectRefusedUnlessLogged(GetParam());
}

const Spoilt kUntold[] = {
    {"CertificateThatTellsNobody", [](auto& p) { Ci(p).clear_nobody_behind(); },
     "people[0].behind: required: ci may ask for target \"guarded\", which "
     "takes approvals, and has a certificate and no approver keys "
     "that count"},
    {"CertificateThatMayAskForAnApprovableCounter",
     [](auto& p) {
       Ci(p).clear_nobody_behind();
       p.mutable_targets(3)->set_approvals(0);
     },
     "people[0].behind: required: ci may ask for target \"guarded\""},
    {"CertificateOfSomebodyWhoseKeysAreRetired",
     [](auto& p) {
       Ci(p).clear_nobody_behind();
       v1::ApproverKey& key = *Ci(p).add_approver_keys();
       key = p.people(kAlice).approver_keys(0);
       key.set_retired(true);
       p.mutable_people(kAlice)->clear_approver_keys();
       p.mutable_targets(3)->set_approvals(1);
     },
     "people[0].behind: required: ci may ask for target \"guarded\""},
    {"CertificateThatMayAskForKeyChanges", [](auto& p) { ManageKeys(p); },
     "people[0].behind: required: ci may ask for changes of keys"},
    {"CertificateBesideAJobThatIsTold",
     [](auto& p) {
       MakeJob(p);
       Ci(p).add_subjects("spiffe://dev.example/ci");
     },
     "people[0].behind: required: ci may ask for target \"guarded\""},
    {"JobOfAnIssuerWithoutBehindClaim",
     [](auto& p) { MakeJob(p).clear_behind_claim(); },
     "people[0].behind: required: ci may ask for target \"guarded\", which "
     "takes approvals, and has jobs at issuer \"jobs\", which has no "
     "behind_claim"},
    {"JobOfAnApproverAtAnIssuerWithoutBehindClaim",
     [](auto& p) {
       MakeJob(p).clear_behind_claim();
       p.mutable_people(kAlice)->mutable_workloads()->Swap(
           Ci(p).mutable_workloads());
       Ci(p).add_subjects("spiffe://dev.example/ci");
       Ci(p).set_nobody_behind(true);
       p.mutable_targets(3)->add_requesters("developer");
       p.mutable_targets(3)->set_approvals(1);
     },
     "people[1].behind: required: alice may ask for target \"guarded\""},
};

const Spoilt kNames[] = {
    {"SomebodyUnknown",
     [](auto& p) {
       Ci(p).clear_nobody_behind();
       Ci(p).add_behind("mallory");
     },
     "people[0].behind[0]: no person named \"mallory\""},
    {"SomebodyTwice",
     [](auto& p) {
       Ci(p).clear_nobody_behind();
       Ci(p).add_behind("ci");
       Ci(p).add_behind("ci");
     },
     "people[0].behind[1]: \"ci\" is given twice"},
    {"SomebodyAndNobody", [](auto& p) { Ci(p).add_behind("ci"); },
     "people[0].nobody_behind: is said, and behind names ci"},
};

const Spoilt kTooFew[] = {
    {"SoManyThatTooFewApprove",
     [](auto& p) {
       Ci(p).clear_nobody_behind();
       Ci(p).add_behind("alice");
     },
     "targets[3].approvals: 2, and only 2 of the approvers' people have a key "
     "that is not retired (alice, audrey); whoever asks or stands behind it is "
     "not counted, and ci may, which is or has behind it alice"},
};

INSTANTIATE_TEST_SUITE_P(Untold, PolicyDemandsBehind,
                         ::testing::ValuesIn(kUntold),
                         [](const auto& at) { return at.param.name; });
INSTANTIATE_TEST_SUITE_P(TooFew, PolicyDemandsBehind,
                         ::testing::ValuesIn(kTooFew),
                         [](const auto& at) { return at.param.name; });
INSTANTIATE_TEST_SUITE_P(Names, PolicyRefusesBehind,
                         ::testing::ValuesIn(kNames),
                         [](const auto& at) { return at.param.name; });

TEST(PolicyTakesBehind, OfAJobWhoseIssuerTellsAccounts) {
  v1::Policy policy = tests::ExamplePolicy();
  MakeJob(policy);
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

TEST(PolicyTakesBehind, OfWhoeverAsksForNothingThatTakesApprovals) {
  v1::Policy policy = tests::ExamplePolicy();
  policy.mutable_people(kCi)->clear_nobody_behind();
  policy.mutable_targets()->RemoveLast();
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

TEST(PolicyTakesBehind, ItselfOfACertificateOfOnePerson) {
  v1::Policy policy = tests::ExamplePolicy();
  policy.mutable_people(kCi)->clear_nobody_behind();
  policy.mutable_people(kCi)->add_behind("ci");
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

TEST(PolicyTakesPeople, WhoHaveAnAccountAlone) {
  v1::Policy policy = tests::ExamplePolicy();
  MakeJob(policy);
  v1::Person& person = *policy.add_people();
  person.set_name("dora");
  person.add_accounts("jobs 77");
  const auto parsed = Policy::Parse(tests::TextOf(policy));
  ASSERT_OK(parsed);
  ASSERT_NE((*parsed)->FindPersonByAccount("jobs 77"), nullptr);
  EXPECT_EQ((*parsed)->FindPersonByAccount("jobs 77")->name(), "dora");
}

}  // namespace
}  // namespace bootseal::trust

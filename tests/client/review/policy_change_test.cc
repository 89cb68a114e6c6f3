// Each kind of change of a policy that the review warns of.
#include <gmock/gmock.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/review/policy_changes_fixture.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct TrustCase {
  const char* name;
  void (*change)(v1::Policy&);
  const char* kind;
  const char* text;
};

void PrintTo(const TrustCase& each, std::ostream* out) { *out << each.name; }

class PolicyChange : public PolicyChangesTest,
                     public testing::WithParamInterface<TrustCase> {};

TEST_P(PolicyChange, IsWarnedOf) {
  GetParam().change(policy_);
  Load();
  EXPECT_THAT(Found(), ElementsAre("policy:TRUST_CHANGED@1?"));
  EXPECT_THAT(MessageOf("TRUST_CHANGED"),
              AllOf(HasSubstr(absl::StrCat("policy version 8 changes ",
                                           GetParam().kind, " of version 7: ")),
                    HasSubstr(GetParam().text), HasSubstr("confirm it with")));
}

const TrustCase kCases[] = {
    {"ApproverKeyReplaced",
     [](v1::Policy& policy) {
       Person("rob", policy).mutable_approver_keys()->RemoveLast();
       Person("rita", policy)
           .mutable_approver_keys(0)
           ->set_public_key(kAnotherKey);
     },
     "approver keys", "person \"rita\": approver_keys ed25519 "},
    {"ApproverKeyAdded",
     [](v1::Policy& policy) {
       Person("rob", policy).mutable_approver_keys()->RemoveLast();
       Person("alice", policy).mutable_approver_keys()->Clear();
       Person("alice", policy).add_approver_keys()->set_public_key(kAnotherKey);
     },
     "approver keys",
     "person \"rob\": approver_keys without ssh ed25519 SHA256:"},
    {"ApproverKeyRetired",
     [](v1::Policy& policy) {
       Person("ruth", policy).mutable_approver_keys(0)->set_retired(true);
     },
     "approver keys", " (retired)"},
    {"FewerApprovals",
     [](v1::Policy& policy) { Target("guarded", policy).set_approvals(1); },
     "approvals", "target \"guarded\": approvals 2 -> 1;"},
    {"NoApprovals",
     [](v1::Policy& policy) {
       Target("guarded", policy).set_approvals(0);
       Target("guarded", policy).clear_lower_version();
       Target("guarded", policy).clear_approvers();
     },
     "approvals", "approvals 2 -> 0, approvers release-manager -> nothing;"},
    {"MoreApprovals",
     [](v1::Policy& policy) { Target("guarded", policy).set_approvals(3); },
     "approvals", "approvals 2 -> 3;"},
    {"OtherApprovers",
     [](v1::Policy& policy) {
       Target("guarded", policy).add_approvers("auditor");
     },
     "approvals", "approvers with auditor;"},
    {"LongerWait",
     [](v1::Policy& policy) {
       Target("guarded", policy).set_approval_seconds(604'801);
     },
     "approvals", "approval_seconds 604800 -> 604801;"},
    {"FewerApprovalsOfKeys",
     [](v1::Policy& policy) {
       policy.mutable_key_approvals()->set_approvals(1);
     },
     "approvals", "of version 7: key_approvals.approvals 2 -> 1;"},
    {"NoApprovalsOfKeys",
     [](v1::Policy& policy) { policy.clear_key_approvals(); }, "approvals",
     "key_approvals.approvals 2 -> nothing, key_approvals.approvers "
     "release-manager -> nothing"},
    {"Subject",
     [](v1::Policy& policy) {
       Person("alice", policy).add_subjects("spiffe://dev.example/people/eve");
     },
     "people",
     "person \"alice\": subjects with spiffe://dev.example/people/eve;"},
    {"Workload",
     [](v1::Policy& policy) {
       v1::Workload& job = *Person("ci", policy).add_workloads();
       job.set_issuer("jobs");
       v1::ClaimRule& rule = *job.add_claims();
       rule.set_claim("repository_id");
       rule.set_equals("17");
     },
     "people", "workloads nothing -> jobs repository_id=17;"},
    {"Account",
     [](v1::Policy& policy) {
       Person("rita", policy).add_accounts("jobs 4711");
     },
     "people", "accounts nothing -> jobs 4711;"},
    {"Behind",
     [](v1::Policy& policy) {
       Person("ci", policy).clear_nobody_behind();
       Person("ci", policy).add_behind("alice");
     },
     "people", "behind nothing -> alice, nobody_behind true -> nothing;"},
    {"NewPerson",
     [](v1::Policy& policy) {
       v1::Person& eve = *policy.add_people();
       eve.set_name("eve");
       eve.add_subjects("spiffe://dev.example/eve");
     },
     "people", "new person \"eve\" (subjects spiffe://dev.example/eve);"},
    {"Member",
     [](v1::Policy& policy) {
       Role("release-manager", policy).add_members("alice");
     },
     "roles", "role \"release-manager\": members with alice;"},
    {"MemberReplaced",
     [](v1::Policy& policy) {
       Role("release-manager", policy).set_members(0, "alice");
     },
     "roles", "members without rita, with alice;"},
    {"Permission",
     [](v1::Policy& policy) {
       Role("developer", policy).add_permissions(v1::MANAGE_KEYS);
     },
     "roles", "role \"developer\": permissions with MANAGE_KEYS;"},
    {"NewRole",
     [](v1::Policy& policy) {
       v1::Role& role = *policy.add_roles();
       role.set_name("keys");
       role.add_members("alice");
       role.add_permissions(v1::MANAGE_KEYS);
     },
     "roles", "new role \"keys\" (members alice, permissions MANAGE_KEYS);"},
    {"Ca",
     [](v1::Policy& policy) {
       policy.mutable_trust_domains(0)->set_ca_pem(kOtherCaPem);
       policy.mutable_trust_domains(1)->set_ca_pem(kCaPem);
     },
     "CAs and token issuers", "trust domain \"dev.example\": ca_pem sha256 "},
    {"NewIssuer",
     [](v1::Policy& policy) {
       AddIssuer(policy, "more").set_url("https://more.example");
     },
     "CAs and token issuers", "new issuer \"more\" (url https://more.example"},
    {"KeysOfAnIssuer",
     [](v1::Policy& policy) {
       policy.mutable_issuers(0)->set_jwks_sha256(std::string(64, '1'));
     },
     "CAs and token issuers", "issuer \"jobs\": jwks_sha256 0000"},
    {"AlgorithmOfAnIssuer",
     [](v1::Policy& policy) {
       policy.mutable_issuers(0)->add_algorithms(v1::ES256);
     },
     "CAs and token issuers", "algorithms with ES256;"},
    {"OlderTokens",
     [](v1::Policy& policy) {
       policy.mutable_issuers(0)->set_max_age_seconds(3600);
     },
     "CAs and token issuers", "max_age_seconds 600 -> 3600;"},
    {"Requester",
     [](v1::Policy& policy) {
       Target("secure", policy).add_requesters("developer");
     },
     "requesters", "target \"secure\": requesters with developer;"},
    {"AnotherKey",
     [](v1::Policy& policy) {
       Target("guarded", policy).set_key("other");
       v1::PinnedKey& key = *policy.add_keys();
       key = policy.keys(0);
       key.set_name("other");
       key.set_uri("pkcs11:object=other");
       key.set_public_key_sha256(std::string(64, '5'));
     },
     "keys",
     "new key \"other\" (purpose FIRMWARE, public_key_sha256 5555555555555555"
     "555555555555555555555555555555555555555555555555); target \"guarded\": "
     "key app -> other;"},
    {"Pin",
     [](v1::Policy& policy) {
       policy.mutable_keys(1)->set_public_key_sha256(std::string(64, '9'));
     },
     "keys", "key \"secure\": public_key_sha256 0bbbbbbb"},
    {"Imported",
     [](v1::Policy& policy) {
       policy.mutable_keys(1)->set_accept_imported(true);
     },
     "keys", "key \"secure\": accept_imported nothing -> true;"},
    {"Overlap",
     [](v1::Policy& policy) { Target("secure", policy).clear_overlap_keys(); },
     "keys", "target \"secure\": overlap_keys secure-next -> nothing;"},
    {"LowerVersionPasses",
     [](v1::Policy& policy) {
       Target("secure", policy).set_lower_version(v1::PASS);
     },
     "rules that are looser",
     "target \"secure\": lower_version REFUSE -> PASS;"},
    {"CounterOptional",
     [](v1::Policy& policy) {
       Mcuboot("edwards", policy).set_security_counter(v1::OPTIONAL);
       Mcuboot("edwards", policy).clear_security_counter_from_version();
     },
     "rules that are looser", "mcuboot.security_counter REQUIRED -> OPTIONAL;"},
    {"CounterNotSaid",
     [](v1::Policy& policy) {
       Mcuboot("edwards", policy).clear_security_counter();
       Mcuboot("edwards", policy).clear_security_counter_from_version();
     },
     "rules that are looser", "mcuboot.security_counter REQUIRED -> OPTIONAL;"},
    {"DependencyDropped",
     [](v1::Policy& policy) {
       Mcuboot("secure", policy).clear_dependency();
       Mcuboot("secure", policy).clear_dependencies();
     },
     "rules that are looser",
     "mcuboot.dependency REQUIRED -> OPTIONAL, mcuboot.dependencies image 1 "
     "from 0.0.0 -> nothing;"},
    {"CeilingRaised",
     [](v1::Policy& policy) {
       Mcuboot("secure", policy).set_security_counter_ceiling(0);
     },
     "rules that are looser", "mcuboot.security_counter_ceiling 512 -> 0;"},
    {"CertificateNoLongerDenied",
     [](v1::Policy& policy) { policy.clear_denied_certificates(); },
     "rules that are looser", "denied_certificates eeee"},
    {"ApprovalNoLongerRevoked",
     [](v1::Policy& policy) { policy.clear_revoked_approvals(); },
     "rules that are looser", "revoked_approvals cccc"},
};
INSTANTIATE_TEST_SUITE_P(Every, PolicyChange, testing::ValuesIn(kCases),
                         [](const auto& each) {
                           return std::string(each.param.name);
                         });

}  // namespace
}  // namespace bootseal::tests

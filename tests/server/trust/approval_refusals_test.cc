// A policy that is wrong in one thing about approvals is refused with one line
// about it.
#include <string>

#include "tests/server/trust/spoilt_policy.h"

namespace bootseal::trust {
namespace {

using tests::Spoilt;

constexpr int kGuarded = 3;

// P-256; the hash is of the same key as a device has it.
constexpr char kPem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElg+Kt3tlVFss0447nrhdY/DrvOfA\n"
    "gKD4ed2m+N57CsUNIyoSfRbZ3iJ3sI0zFWZlFXks+DvsJ2WEOjo2LkVi6w==\n"
    "-----END PUBLIC KEY-----\n";
constexpr char kPemSha256[] =
    "4B63C6439542780ce22f2d417852b915e44e32f5811a9e2a0f4649f388596479";
// Audrey's key of the example for another application of a FIDO token.
constexpr char kTokenOfAudrey[] =
    "sk-ssh-ed25519@openssh.com "
    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIGAsm+pOElaz9l065RLCSizoNuQ/"
    "gvQOEiSNYHFh85KKAAAABHNzaDo=";

void Add(v1::Policy& policy, int person, const std::string& key) {
  policy.mutable_people(person)->add_approver_keys()->set_public_key(key);
}

v1::KeyApprovals& KeyApprovals(v1::Policy& policy) {
  v1::KeyApprovals& approvals = *policy.mutable_key_approvals();
  approvals.set_approvals(2);
  approvals.add_approvers("auditor");
  return approvals;
}

class PolicyRefusesApprovals : public ::testing::TestWithParam<Spoilt> {};

TEST_P(PolicyRefusesApprovals, ByName) {
  tests::ExpectRefusedByName(GetParam());
}

const Spoilt kApproverKeys[] = {
    {"KeyThatIsEmpty", [](auto& p) { Add(p, 0, ""); },
     "people[0].approver_keys[0].public_key: is empty"},
    {"KeyThatIsNone", [](auto& p) { Add(p, 1, "ssh-ed25519 AAAA"); },
     "people[1].approver_keys[1].public_key: "},
    {"KeyGivenTwice",
     [](auto& p) {
       Add(p, 0, kPem);
       Add(p, 0, kPem);
     },
     "people[0].approver_keys[1].public_key: is the key of ci already"},
    {"KeyOfTwoPeople",
     [](auto& p) {
       Add(p, 0, kPem);
       Add(p, 2, kPem);
     },
     "people[2].approver_keys[1].public_key: is the key of ci already"},
    {"KeyOfTwoPeopleInTwoForms", [](auto& p) { Add(p, 0, kTokenOfAudrey); },
     "people[2].approver_keys[0].public_key: is the key of ci already, in this "
     "form or another"},
    {"KeyOfTwoPeopleThatIsRetired",
     [](auto& p) {
       Add(p, 0, kPem);
       p.mutable_people(0)->mutable_approver_keys(0)->set_retired(true);
       Add(p, 2, kPem);
     },
     "people[2].approver_keys[1].public_key: is the key of ci already"},
    {"KeyThatIsPinned",
     [](auto& p) {
       Add(p, 0, kPem);
       p.mutable_keys(0)->set_public_key_sha256(kPemSha256);
     },
     "people[0].approver_keys[0].public_key: is the public key of \"app\""},
    {"RevokedApprovalThatIsNoHash",
     [](auto& p) { p.add_revoked_approvals("abc"); }, "revoked_approvals[0]: "},
};

const Spoilt kQuorums[] = {
    {"ApprovalsByNobody",
     [](auto& p) { p.mutable_targets(kGuarded)->clear_approvers(); },
     "targets[3].approvers: required: at least one role"},
    {"ApproversThatAreNoRole",
     [](auto& p) { p.mutable_targets(kGuarded)->set_approvers(0, "boss"); },
     "targets[3].approvers[0]: no role named \"boss\"; known: auditor, ci, "
     "developer"},
    {"ApproversWithoutApprovalsThatAreNoRole",
     [](auto& p) { p.mutable_targets(0)->add_approvers("boss"); },
     "targets[0].approvers[0]: no role named \"boss\""},
    {"ApproversGivenTwice",
     [](auto& p) { p.mutable_targets(kGuarded)->add_approvers("auditor"); },
     "targets[3].approvers[1]: \"auditor\" is given twice"},
    {"MoreApprovalsThanPeople",
     [](auto& p) { p.mutable_targets(kGuarded)->set_approvals(3); },
     "targets[3].approvals: 3, and only 2 of the approvers' people have a key "
     "that is not retired (alice, audrey)"},
    {"ApproverWhoseKeyIsRetired",
     [](auto& p) {
       p.mutable_people(1)->mutable_approver_keys(0)->set_retired(true);
     },
     "targets[3].approvals: 2, and only 1 of the approvers' people has a key "
     "that is not retired (audrey)"},
    {"ApproversWithoutKeys",
     [](auto& p) { p.mutable_targets(kGuarded)->set_approvers(0, "ci"); },
     "targets[3].approvals: 2, and only 0 of the approvers' people have a key "
     "that is not retired"},
    {"ApproverWhoMayAsk",
     [](auto& p) { p.mutable_targets(kGuarded)->add_requesters("developer"); },
     "targets[3].approvals: 2, and only 2 of the approvers' people have a key "
     "that is not retired (alice, audrey); whoever asks is not counted, and "
     "alice may"},
    {"OnePersonWithTwoKeysIsOne",
     [](auto& p) {
       Add(p, 2, kPem);
       p.mutable_people(1)->clear_approver_keys();
     },
     "targets[3].approvals: 2, and only 1 of"},
    {"VersionThatNobodyMayLower",
     [](auto& p) { p.mutable_targets(0)->set_lower_version(v1::ASK); },
     "targets[0].approvers: required: at least one role"},
    {"VersionThatOnlyWhoAsksMayLower",
     [](auto& p) {
       p.mutable_targets(0)->set_lower_version(v1::ASK);
       p.mutable_targets(0)->add_approvers("developer");
     },
     "targets[0].approvals: 1, and only 1 of the approvers' people has a key "
     "that is not retired (alice); whoever asks is not counted, and alice may"},
    {"ApprovalThatLivesTooLong",
     [](auto& p) {
       p.mutable_targets(kGuarded)->set_approval_seconds(7776001);
     },
     "targets[3].approval_seconds: 7776001, expected at most 7776000"},
    {"KeyApprovalsOfNobody", [](auto& p) { KeyApprovals(p).clear_approvers(); },
     "key_approvals.approvers: required: at least one role"},
    {"KeyApprovalsWithoutNumber",
     [](auto& p) { KeyApprovals(p).clear_approvals(); },
     "key_approvals.approvals: required: 1 or more"},
    {"KeyApprovalsOfNoRole",
     [](auto& p) { KeyApprovals(p).set_approvers(0, "boss"); },
     "key_approvals.approvers[0]: no role named \"boss\""},
    {"KeyApprovalsOfTooFew", [](auto& p) { KeyApprovals(p).set_approvals(3); },
     "key_approvals.approvals: 3, and only 2 of"},
    {"KeyApprovalsOfWhoAsks",
     [](auto& p) {
       KeyApprovals(p);
       p.mutable_roles(1)->add_permissions(v1::MANAGE_KEYS);
     },
     "key_approvals.approvals: 2, and only 2 of the approvers' people have a "
     "key that is not retired (alice, audrey); whoever asks is not counted, "
     "and alice may"},
    {"KeyApprovalsThatLiveTooLong",
     [](auto& p) { KeyApprovals(p).set_approval_seconds(7776001); },
     "key_approvals.approval_seconds: 7776001"},
};

std::string NameOf(const ::testing::TestParamInfo<Spoilt>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Keys, PolicyRefusesApprovals,
                         ::testing::ValuesIn(kApproverKeys), NameOf);
INSTANTIATE_TEST_SUITE_P(Quorums, PolicyRefusesApprovals,
                         ::testing::ValuesIn(kQuorums), NameOf);

TEST(PolicyTakesApprovals, OfTheLongestLifeAndOfWhoMayLowerAVersion) {
  v1::Policy policy = tests::ExamplePolicy();
  policy.mutable_targets(kGuarded)->set_approval_seconds(7776000);
  policy.mutable_targets(0)->set_lower_version(v1::ASK);
  policy.mutable_targets(0)->add_approvers("auditor");
  KeyApprovals(policy).set_approval_seconds(7776000);
  policy.add_revoked_approvals(std::string(64, 'a'));
  Add(policy, 0, kPem);
  const auto parsed = tests::Parsed(policy);
  EXPECT_EQ(parsed->approvers().size(), 3u);
  EXPECT_TRUE(parsed->IsRevoked(std::string(32, '\xaa')));
  EXPECT_FALSE(parsed->IsRevoked(std::string(32, '\xab')));
}

}  // namespace
}  // namespace bootseal::trust

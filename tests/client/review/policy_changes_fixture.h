// A log whose first policy has something of everything that decides trust.
#ifndef BOOTSEAL_TESTS_CLIENT_REVIEW_POLICY_CHANGES_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_REVIEW_POLICY_CHANGES_FIXTURE_H_

#include <algorithm>
#include <string>

#include "client/review/sha256.h"
#include "tests/client/review/review_fixture.h"
#include "tests/server/trust/example_policy.h"

namespace bootseal::tests {

inline constexpr char kAnotherKey[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGAsm+pOElaz9l065RLCSizoNuQ/gvQO"
    "EiSNYHFh85KK audrey@desk";

template <typename T>
auto& Named(const std::string& name, T& elements) {
  return *std::find_if(elements.begin(), elements.end(),
                       [&name](auto& each) { return each.name() == name; });
}
inline v1::Person& Person(const std::string& name, v1::Policy& policy) {
  return Named(name, *policy.mutable_people());
}
inline v1::Target& Target(const std::string& name, v1::Policy& policy) {
  return Named(name, *policy.mutable_targets());
}
inline v1::Role& Role(const std::string& name, v1::Policy& policy) {
  return Named(name, *policy.mutable_roles());
}
inline v1::McubootFormat& Mcuboot(const std::string& name, v1::Policy& policy) {
  return *Target(name, policy).mutable_mcuboot();
}

// 0: a policy in which there is something of everything.
class PolicyChangesTest : public ReviewTest {
 protected:
  PolicyChangesTest() {
    AddIssuer(policy_);
    v1::KeyApprovals& keys = *policy_.mutable_key_approvals();
    keys.set_approvals(2);
    keys.add_approvers("release-manager");
    policy_.add_revoked_approvals(std::string(64, 'c'));
    Target("secure", policy_).add_overlap_keys("secure-next");
    v1::PinnedKey& next = *policy_.add_keys();
    next = Named("secure", *policy_.mutable_keys());
    next.set_name("secure-next");
    next.set_uri("pkcs11:object=next");
    next.set_public_key_sha256(std::string(64, '7'));
    Person("rob", policy_).add_approver_keys()->set_public_key(kAnotherKey);
    Person("audrey", policy_).clear_approver_keys();
    AddPolicy();
  }

  // 1: the policy as it is now.
  void Load() {
    policy_.set_version(policy_.version() + 1);
    AddPolicy();
  }
  void LoadText(const std::string& text) {
    v1::Entry entry;
    entry.mutable_policy()->set_text(text);
    entry.mutable_policy()->set_version(policy_.version());
    entry.mutable_policy()->set_sha256(review::Sha256(text));
    entry.set_policy_sha256(entry.policy().sha256());
    Add(entry);
  }
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_REVIEW_POLICY_CHANGES_FIXTURE_H_

// Approvals in policies of tests.
#ifndef BOOTSEAL_TESTS_SUPPORT_APPROVER_H_
#define BOOTSEAL_TESTS_SUPPORT_APPROVER_H_

#include "bootseal/v1/policy.pb.h"

namespace bootseal::tests {

// The target needs one approval, by the person of ServerFixture's policy with
// the name and the role `name`, who gets a key that nobody has the private half
// of: requests wait.
inline void NeedApprovalOf(const char* name, v1::Policy& policy,
                           v1::Target& target) {
  target.set_approvals(1);
  target.add_approvers(name);
  for (v1::Person& person : *policy.mutable_people()) {
    if (person.name() != name || !person.approver_keys().empty()) continue;
    person.add_approver_keys()->set_public_key(
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAtSA5LZU4THn29lJXMjU3spNeRkfQeNCY2E1zc8hiLnU=\n"
        "-----END PUBLIC KEY-----\n");
  }
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_APPROVER_H_

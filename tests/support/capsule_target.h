// A target for capsules whose certificate the token's own key signs.
#ifndef BOOTSEAL_TESTS_SUPPORT_CAPSULE_TARGET_H_
#define BOOTSEAL_TESTS_SUPPORT_CAPSULE_TARGET_H_

#include <string>

#include "bootseal/v1/policy.pb.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {

// For "ci": type fip, index 1, at most 1 MiB, with versions from 3 on. `key` is
// an RSA key that AddKey made; bootseal-token makes the certificate.
v1::Target& AddCapsuleTarget(ServerFixture& server, const std::string& name,
                             const std::string& key);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_CAPSULE_TARGET_H_

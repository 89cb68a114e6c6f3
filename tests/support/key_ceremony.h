// Keys made in a real ceremony, and policies whose keys people must approve.
#ifndef BOOTSEAL_TESTS_SUPPORT_KEY_CEREMONY_H_
#define BOOTSEAL_TESTS_SUPPORT_KEY_CEREMONY_H_

#include <cstdint>
#include <string>

#include "bootseal/v1/policy.pb.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {

// Makes a P-256 key of that label in the server's token. Its transcript, which
// is the file LABEL.transcript of the server's folder too.
std::string HoldCeremony(ServerFixture& server, const std::string& label);

// The first key of the ceremony, for firmware.
void PinKeyOf(const std::string& transcript, const std::string& name,
              v1::Policy& policy);

// `approvals` members of `approvers` approve what the new role "key-admin" asks
// for, which has the member `admin`.
v1::Role& DemandKeyApprovals(v1::Policy& policy, const std::string& admin,
                             const std::string& approvers,
                             std::uint32_t approvals);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_KEY_CEREMONY_H_

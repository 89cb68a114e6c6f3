// One call of each rpc, and what became of it.
#ifndef BOOTSEAL_TESTS_SERVER_ROLE_CALLS_H_
#define BOOTSEAL_TESTS_SERVER_ROLE_CALLS_H_

#include <grpcpp/channel.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace bootseal::tests {

// Columns of the table: people of the same names, "nobody" with good
// credentials of no person in the policy, "none" without any.
inline constexpr std::array<const char*, 7> kRoles{
    "ci",     "developer", "release-manager", "auditor", "key-admin",
    "nobody", "none"};

struct Answer {
  // Also the decision or failure inside of a reply, where it has one.
  absl::StatusCode code = absl::StatusCode::kOk;
  // Every reply, as it came.
  std::string bytes;
};

struct RoleRow {
  // "SigningService.Sign", and behind a space what is asked for.
  std::string rpc;
  std::function<Answer(const std::shared_ptr<grpc::Channel>& channel)> call;
  std::array<absl::StatusCode, kRoles.size()> expected;
};

// Of every rpc at least one.
const std::vector<RoleRow>& RoleTable();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_ROLE_CALLS_H_

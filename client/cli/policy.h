// bootseal policy: is the file right, what would it say, and is that what was
// expected.
#ifndef BOOTSEAL_CLIENT_CLI_POLICY_H_
#define BOOTSEAL_CLIENT_CLI_POLICY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "server/trust/policy.h"

namespace bootseal::cli {

inline constexpr std::size_t kMaxPolicyBytes = 16 * 1024 * 1024;

// base/file.h's errors, Policy::Parse's.
absl::StatusOr<std::shared_ptr<const trust::Policy>> ReadPolicy(
    const std::string& path);

Action DeclarePolicyCheck(CLI::App& app);
Action DeclarePolicyExplain(CLI::App& app);
Action DeclarePolicyTest(CLI::App& app);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_POLICY_H_

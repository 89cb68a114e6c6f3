// Policies that the log holds.
#ifndef BOOTSEAL_CLIENT_CLI_POLICY_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_POLICY_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/approval/policy_entries.h"
#include "client/cli/audit_source.h"
#include "client/cli/connection.h"
#include "client/cli/log_key.h"
#include "server/trust/policy.h"

namespace bootseal::cli {

struct LoggedPolicy {
  std::uint64_t index = 0;
  std::shared_ptr<const trust::Policy> policy;
};

// What the server's search finds up to entry `until`. Not proven: it may hold
// some back. Needs READ_LOG. As FetchEntries.
absl::StatusOr<std::vector<approval::PolicyEntry>> ListPolicies(
    const Connection& connection, std::uint64_t until);

// None when the entry's text is not the policy of this SHA-256 (raw). As
// trust::Policy::Parse.
absl::StatusOr<std::optional<LoggedPolicy>> ReadLoggedPolicy(
    const ProvenEntry& proven, const std::string& sha256);

// The newest entry up to `before` with the policy of this SHA-256 (raw),
// proven. The server's search finds it; text and proof make it true. Needs
// READ_LOG. As FetchEntries and FetchProvenEntry.
absl::StatusOr<std::optional<LoggedPolicy>> FindLoggedPolicy(
    const Connection& connection, const LogKey& key, const std::string& sha256,
    std::uint64_t before);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_POLICY_SOURCE_H_

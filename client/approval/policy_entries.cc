#include "client/approval/policy_entries.h"

#include <algorithm>

namespace bootseal::approval {

std::optional<std::uint64_t> NewestOf(const std::vector<PolicyEntry>& listed,
                                      absl::string_view sha256) {
  std::optional<std::uint64_t> newest;
  for (const PolicyEntry& each : listed) {
    if (each.sha256 != sha256) continue;
    newest = std::max(newest.value_or(0), each.index);
  }
  return newest;
}

bool IsSuperseded(const PolicyEntry& policy,
                  const std::vector<PolicyEntry>& listed,
                  const Pending& pending) {
  // The search may hold a policy back; the request's own entry is proven.
  if (pending.index > policy.index &&
      pending.entry.policy_sha256() != policy.sha256) {
    return true;
  }
  return std::any_of(listed.begin(), listed.end(), [&](const auto& each) {
    return each.index > policy.index && each.sha256 != policy.sha256;
  });
}

}  // namespace bootseal::approval

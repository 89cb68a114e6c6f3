// Which of the policies in a log is in force. Pure. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_POLICY_ENTRIES_H_
#define BOOTSEAL_CLIENT_APPROVAL_POLICY_ENTRIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/approval/pending.h"

namespace bootseal::approval {

struct PolicyEntry {
  std::uint64_t index = 0;
  std::string sha256;  // raw
};

// The index of the newest with this SHA-256 (raw), in whatever order they come.
std::optional<std::uint64_t> NewestOf(const std::vector<PolicyEntry>& listed,
                                      absl::string_view sha256);

// Whether what the log shows has another policy come into force after `policy`:
// a later one among `listed`, or one that a later request was judged by. A
// server could name an old one that demands less.
bool IsSuperseded(const PolicyEntry& policy,
                  const std::vector<PolicyEntry>& listed,
                  const Pending& pending);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_POLICY_ENTRIES_H_

#include "server/audit/log_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::audit {

absl::Status BeyondTree(std::uint64_t asked, std::uint64_t size) {
  return base::Invalid(
      "BEYOND_TREE", "size",
      absl::StrCat(asked, " is beyond the tree of ", size, " entries"));
}

// C2SP signed-note: a key's name has neither spaces nor plus signs.
absl::Status CheckOrigin(const std::string& origin) {
  const bool plain = std::all_of(origin.begin(), origin.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '+';
  });
  if (plain && !origin.empty()) return absl::OkStatus();
  return base::Invalid(
      "ORIGIN_INVALID", "origin",
      absl::StrCat("\"", origin, "\" cannot name a log, expected printable ",
                   "ASCII without spaces and plus signs"));
}

// The largest entry that a C2SP entry bundle holds.
absl::Status CheckEntry(const std::string& entry) {
  if (!entry.empty() && entry.size() <= trust::kMaxEntryBytes) {
    return absl::OkStatus();
  }
  return base::Fail(
      absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE",
      absl::StrCat("log entry has ", entry.size(), " bytes, expected 1 to ",
                   trust::kMaxEntryBytes));
}

}  // namespace bootseal::audit

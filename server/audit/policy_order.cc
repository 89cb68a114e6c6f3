#include "server/audit/policy_order.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::audit {

absl::StatusOr<v1::PolicyEvent> PolicyOf(const StoredRecord& stored) {
  const absl::StatusOr<v1::Entry> entry = trust::DecodeEntry(stored.entry);
  if (entry.ok() && entry->has_policy()) return entry->policy();
  return base::Precondition(
      "LOG_CORRUPT",
      absl::StrCat("entry ", stored.index,
                   " is not the policy that it is stored as; restore the log "
                   "from a copy"));
}

absl::Status CheckFollows(const v1::PolicyEvent& next,
                          const std::optional<v1::PolicyEvent>& highest) {
  if (!highest || next.version() > highest->version()) return absl::OkStatus();
  if (next.version() < highest->version()) {
    return base::Precondition(
        "POLICY_VERSION_LOWER",
        absl::StrCat("version: ", next.version(), " is lower than ",
                     highest->version(),
                     ", which this log has seen; raise it"));
  }
  if (next.sha256() == highest->sha256()) return absl::OkStatus();
  return base::Precondition(
      "POLICY_VERSION_REUSED",
      absl::StrCat("version: ", next.version(),
                   " is in the log with another text, sha256 ",
                   absl::BytesToHexString(highest->sha256()), "; this one has ",
                   absl::BytesToHexString(next.sha256()),
                   "; raise the version"));
}

}  // namespace bootseal::audit

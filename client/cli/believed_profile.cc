#include "client/cli/believed_profile.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/profile_source.h"
#include "client/cli/text.h"
#include "server/trust/overlap.h"

namespace bootseal::cli {

absl::StatusOr<std::optional<v1::Profile>> PinnedProfile(
    const std::string& path, const std::string& target) {
  if (path.empty()) return std::optional<v1::Profile>();
  ASSIGN_OR_RETURN(v1::Profile pinned, LoadProfile(path));
  if (pinned.target().name() == target) return std::optional(pinned);
  return base::Precondition("PROFILE_MISMATCH",
                            absl::StrCat("the target of our profile is ",
                                         Printable(pinned.target().name()),
                                         ", expected ", Printable(target)));
}

absl::StatusOr<v1::Profile> BelievedProfile(
    const std::string& target, const std::optional<v1::Profile>& pinned,
    const v1::SignReply& reply) {
  const v1::Profile& given = reply.profile();
  if (given.target().name() != target) {
    return base::Precondition(
        "REPLY_MISMATCH",
        absl::StrCat("the reply's target is ", Printable(given.target().name()),
                     ", expected ", Printable(target)));
  }
  if (!pinned) return given;
  // Ours may know two keys while one takes the other's place at the server.
  for (v1::Profile& ours : trust::ProfilesByKey(*pinned)) {
    if (ours.public_key() != given.public_key()) continue;
    if (ours.algorithm() == given.algorithm()) return std::move(ours);
  }
  return base::Precondition(
      "PROFILE_MISMATCH",
      absl::StrCat("the key of our profile of ", Printable(target),
                   " is another than the server's"));
}

}  // namespace bootseal::cli

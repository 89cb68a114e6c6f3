#include "client/cli/policy_source.h"

#include <utility>

#include "base/status.h"
#include "client/cli/audit_source.h"
#include "server/trust/entry.h"

namespace bootseal::cli {

absl::StatusOr<std::optional<LoggedPolicy>> FindLoggedPolicy(
    const Connection& connection, const LogKey& key, const std::string& sha256,
    std::uint64_t before) {
  std::optional<std::uint64_t> found;
  v1::ListEntriesRequest request;
  request.set_kind("policy");
  do {
    ASSIGN_OR_RETURN(const v1::ListEntriesReply page,
                     FetchEntries(connection, request));
    for (const v1::LogEntry& entry : page.entries()) {
      const auto decoded = trust::DecodeEntry(entry.entry());
      if (entry.index() > before || !decoded.ok()) continue;
      if (decoded->policy().sha256() == sha256) found = entry.index();
    }
    if (page.next() <= request.start()) break;
    request.set_start(page.next());
  } while (true);
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(const ProvenEntry proven,
                   FetchProvenEntry(connection, key, *found));
  ASSIGN_OR_RETURN(auto policy,
                   trust::Policy::ParseLogged(proven.entry.policy().text()));
  if (policy->sha256() != sha256) return std::nullopt;
  return LoggedPolicy{*found, std::move(policy)};
}

}  // namespace bootseal::cli

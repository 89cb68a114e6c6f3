#include "client/cli/policy_source.h"

#include <utility>

#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::cli {

absl::StatusOr<std::vector<approval::PolicyEntry>> ListPolicies(
    const Connection& connection, std::uint64_t until) {
  std::vector<approval::PolicyEntry> listed;
  v1::ListEntriesRequest request;
  request.set_kind("policy");
  do {
    ASSIGN_OR_RETURN(const v1::ListEntriesReply page,
                     FetchEntries(connection, request));
    for (const v1::LogEntry& entry : page.entries()) {
      const auto decoded = trust::DecodeEntry(entry.entry());
      if (entry.index() > until || !decoded.ok()) continue;
      listed.push_back({entry.index(), decoded->policy().sha256()});
    }
    if (page.next() <= request.start()) break;
    request.set_start(page.next());
  } while (true);
  return listed;
}

absl::StatusOr<std::optional<LoggedPolicy>> ReadLoggedPolicy(
    const ProvenEntry& proven, const std::string& sha256) {
  ASSIGN_OR_RETURN(auto policy,
                   trust::Policy::ParseLogged(proven.entry.policy().text()));
  if (policy->sha256() != sha256) return std::nullopt;
  return LoggedPolicy{proven.index, std::move(policy)};
}

absl::StatusOr<std::optional<LoggedPolicy>> FindLoggedPolicy(
    const Connection& connection, const LogKey& key, const std::string& sha256,
    std::uint64_t before) {
  ASSIGN_OR_RETURN(const auto listed, ListPolicies(connection, before));
  const auto found = approval::NewestOf(listed, sha256);
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(const ProvenEntry proven,
                   FetchProvenEntry(connection, key, *found));
  return ReadLoggedPolicy(proven, sha256);
}

}  // namespace bootseal::cli

// Which entries are wanted: options that list, tail and export share.
#ifndef BOOTSEAL_CLIENT_CLI_AUDIT_FILTER_H_
#define BOOTSEAL_CLIENT_CLI_AUDIT_FILTER_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

struct AuditFilter {
  std::string target;
  std::string identity;
  std::string key;
  std::string decision;
  std::string kind;
  std::string since;
  std::string until;
};

void DeclareAuditFilter(CLI::App& app, AuditFilter& filter);

// "2026-11-21" (midnight UTC), RFC 3339 with a time, or so long before `now`:
// "90s" "30m" "2h" "7d" "4w". Nothing for anything else, and before 1970.
std::optional<absl::Time> ParseMoment(absl::string_view text, absl::Time now);

// Of a filter whose options were judged.
v1::ListEntriesRequest ToRequest(const AuditFilter& filter, absl::Time now);

// As the server matches it, but by the entry itself.
bool Matches(const v1::ListEntriesRequest& request, const v1::Entry& entry);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_AUDIT_FILTER_H_

// Whether the server's search shows what the log holds. What it filters by lies
// beside the tree, where no checkpoint covers it: whoever has the database can
// hide an entry from a filter and leave the log whole.
#ifndef BOOTSEAL_CLIENT_CLI_SEARCH_CHECKS_H_
#define BOOTSEAL_CLIENT_CLI_SEARCH_CHECKS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"

namespace bootseal::cli {

// Every listing is read beside the walk over the entries, a page at a time:
// memory does not grow with the log. Not thread-safe.
class SearchChecks {
 public:
  using List = std::function<absl::StatusOr<v1::ListEntriesReply>(
      const v1::ListEntriesRequest&)>;

  // Entries below `size` are checked, by decision; by the targets and people of
  // a policy from its entry on.
  SearchChecks(List list, std::uint64_t size);

  // The next entry of the log. Fails when the server gives no listing, or one
  // out of order (FAILED_PRECONDITION, REPLY_MALFORMED).
  absl::Status Take(std::uint64_t index, const v1::Entry& entry);
  // After the last entry.
  absl::Status Finish();

  // "listing by decision "refused" leaves out entry 3"
  const std::vector<std::string>& mismatches() const { return mismatches_; }

 private:
  // One listing, and what of it was read ahead.
  struct Listing {
    std::string name;  // "decision "refused""
    v1::ListEntriesRequest request;
    std::deque<std::uint64_t> ahead;
    bool ended = false;
  };
  using Listings = std::map<std::string, Listing>;  // by what is filtered by

  void Watch(const v1::PolicyEvent& event, std::uint64_t start);
  absl::Status Read(Listing& listing) const;
  // Passes over what the listing shows before `index`: none of it belongs.
  absl::Status PassOver(Listing& listing, std::uint64_t index);
  absl::Status Expect(Listings& listings, const std::string& term,
                      std::uint64_t index);

  const List list_;
  const std::uint64_t size_;
  Listings decisions_;
  Listings targets_;
  Listings identities_;
  std::vector<std::string> mismatches_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SEARCH_CHECKS_H_

// Whether the server's search shows what the log holds. What it filters by lies
// beside the tree, where no checkpoint covers it: whoever has the database can
// hide an entry from a filter and leave the log whole.
#ifndef BOOTSEAL_CLIENT_REVIEW_SEARCH_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_SEARCH_CHECKS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/audit.pb.h"
#include "client/review/check.h"

namespace bootseal::review {

// Class search: SEARCH_MISMATCH. Every listing is read beside the walk over the
// entries, a page at a time.
class SearchChecks final : public Check {
 public:
  using List = std::function<absl::StatusOr<v1::ListEntriesReply>(
      const v1::ListEntriesRequest&)>;

  // Entries below `size` are checked, by decision and kind; by the targets,
  // people and keys of a policy from its entry on; by time each of its own, and
  // in large logs in groups of a two-thousandth.
  SearchChecks(List list, std::uint64_t size);

  // Fails when the server gives no listing, or one out of order
  // (FAILED_PRECONDITION, REPLY_MALFORMED).
  absl::Status Take(const Position& at, Findings& findings) override;
  absl::Status Finish(Findings& findings) override;

 private:
  // One listing, and what of it was read ahead.
  struct Listing {
    std::string name;  // "decision "refused""
    v1::ListEntriesRequest request;
    std::deque<std::uint64_t> ahead;
    bool ended = false;
  };
  // By the filter's field of ListEntriesRequest, and what is filtered by.
  using Listings = std::map<std::pair<int, std::string>, Listing>;

  void Watch(int field, const std::string& term, std::uint64_t start);
  void WatchPolicy(const v1::PolicyEvent& event, std::uint64_t start);
  absl::Status Read(Listing& listing) const;
  // Passes over what the listing shows before `index`: none of it belongs.
  absl::Status PassOver(Listing& listing, std::uint64_t index,
                        Findings& findings) const;
  absl::Status Expect(int field, const std::string& term, std::uint64_t index,
                      Findings& findings);
  absl::Status CheckTimes(Findings& findings);

  const List list_;
  const std::uint64_t size_;
  const std::uint64_t group_;
  Listings listings_;
  std::map<std::uint64_t, std::int64_t> times_;  // of the group, by index
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_SEARCH_CHECKS_H_

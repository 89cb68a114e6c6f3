// A request that waits, for people and for machines. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_PENDING_TEXT_H_
#define BOOTSEAL_CLIENT_APPROVAL_PENDING_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bootseal/v1/approvals.pb.h"
#include "client/approval/pending.h"
#include "client/approval/tally.h"
#include "client/cli/json.h"

namespace bootseal::approval {

// A release to compare with.
struct LastRelease {
  std::uint64_t index = 0;
  v1::Entry entry;
  bool proven = false;  // in the log; false: the server says so
};

struct Review {
  Pending pending;
  v1::ApprovalRequest request;
  std::optional<LastRelease> last_release;
  // Of the policy and the words that the log has; none: those who may not read
  // it, or whose server counts by a policy that another followed, have the
  // server's word, which is in `request`.
  std::optional<Tally> tally;
};

// What is counted, and by whom.
struct Count {
  std::vector<std::string> people;
  std::uint32_t needed = 0;
  bool proven = false;  // here; false: the server says so
};
Count CountOf(const Review& review);
Count CountOf(const v1::ApprovalRequest& request);

// Whether the server counts otherwise than we do: people and needed. Never
// without a tally.
bool IsContradicted(const Review& review);

// What people type: the first 12 hex digits of the subject.
std::string IdOf(const Pending& pending);

// Titles and cells of a table.
std::vector<std::string> ListTitles();
std::vector<std::string> ListRow(const Review& review, absl::Time now);

// Everything, with the difference to the last release and how to compute the
// digest; text of others is printable.
std::string Describe(const Review& review);
cli::Json ToJson(const Review& review);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_PENDING_TEXT_H_

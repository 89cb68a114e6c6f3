// One class of checks over a log, entry by entry in the order of the log.
#ifndef BOOTSEAL_CLIENT_REVIEW_CHECK_H_
#define BOOTSEAL_CLIENT_REVIEW_CHECK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "client/review/finding.h"
#include "server/trust/policy.h"

namespace bootseal::review {

struct Position {
  std::uint64_t index = 0;
  absl::string_view bytes;  // that were hashed
  const v1::Entry& entry;
  // That the entry names; nullptr when the log does not hold it before (which
  // PolicyHistory reports). Lives as long as the review.
  const trust::Policy* policy = nullptr;
};

// Not thread-safe. Memory does not grow with the log, but for what is open:
// requests that wait, policies, targets and keys of these.
class Check {
 public:
  virtual ~Check() = default;

  // What is wrong goes into `findings`; an error ends the review.
  virtual absl::Status Take(const Position& at, Findings& findings) = 0;
  // After the last entry.
  virtual absl::Status Finish(Findings&) { return absl::OkStatus(); }
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_CHECK_H_

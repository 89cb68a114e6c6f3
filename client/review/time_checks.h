// Whether the server's clock went on. A warning, and no finding: entries of
// calls that overlap, and of replicas, need not be in order.
#ifndef BOOTSEAL_CLIENT_REVIEW_TIME_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_TIME_CHECKS_H_

#include "absl/time/time.h"
#include "client/review/check.h"

namespace bootseal::review {

// Class time: TIME_WENT_BACK more than kSlack behind the newest entry before,
// TIME_AHEAD more than that ahead of `now`.
class TimeChecks final : public Check {
 public:
  static constexpr absl::Duration kSlack = absl::Minutes(5);

  explicit TimeChecks(absl::Time now) : now_(now) {}

  absl::Status Take(const Position& at, Findings& findings) override;

 private:
  const absl::Time now_;
  absl::Time newest_ = absl::InfinitePast();
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_TIME_CHECKS_H_

// The twin of no_permit_without_approval.fail.cc: the judge was asked.
// Guarantee 1: only the policy engine approves digests, so that no permit is
// minted without a decision.
#include "server/trust/decision.h"

namespace bootseal {

absl::StatusOr<trust::Approved> Approve(const trust::Judge& judge,
                                        const v1::Caller& caller,
                                        const v1::SignHeader& header,
                                        std::vector<trust::KeyDigest> pairs) {
  (void)judge, (void)caller, (void)header;
  return judge.Approve(caller, header, std::move(pairs));
}

}  // namespace bootseal

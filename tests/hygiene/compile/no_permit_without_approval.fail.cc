// expect: Approved::Approved\(.*\).* is private within this context
// Guarantee 1: only the policy engine approves digests, so that no permit is
// minted without a decision.
#include "server/trust/decision.h"

namespace bootseal {

absl::StatusOr<trust::Approved> Approve(const trust::Judge& judge,
                                        const v1::Caller& caller,
                                        const v1::SignHeader& header,
                                        const v1::SigningEvent& asked,
                                        std::vector<trust::KeyDigest> pairs,
                                        const trust::Facts& facts) {
  const trust::Ruling ruling = judge.Decide(caller, header, asked, facts);
  (void)ruling;
  return trust::Approved(std::move(pairs), ruling);
}

}  // namespace bootseal

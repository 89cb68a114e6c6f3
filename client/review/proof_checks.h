// Whether the server can prove what the log holds: it makes its proofs from
// nodes that it stores beside the entries.
#ifndef BOOTSEAL_CLIENT_REVIEW_PROOF_CHECKS_H_
#define BOOTSEAL_CLIENT_REVIEW_PROOF_CHECKS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "client/review/check.h"
#include "client/review/tree_checks.h"

namespace bootseal::review {

// Class tree: PROOF_INVALID, PROOF_REFUSED.
class ProofChecks final : public Check {
 public:
  // RFC 6962 audit path of an entry in the tree of `size` leaves.
  using Prove =
      std::function<absl::StatusOr<std::vector<image::transparency::TreeHash>>(
          std::uint64_t index, std::uint64_t size)>;

  // About `proofs` of them, spread over the log; 0: none. Every node has its
  // turn when there are as many as entries.
  ProofChecks(Prove prove, KnownCheckpoint head, std::uint64_t proofs);

  // Fails when the server cannot be reached.
  absl::Status Take(const Position& at, Findings& findings) override;

  std::uint64_t proofs() const { return asked_; }

 private:
  const Prove prove_;
  const KnownCheckpoint head_;
  const std::uint64_t stride_;
  std::uint64_t asked_ = 0;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_PROOF_CHECKS_H_

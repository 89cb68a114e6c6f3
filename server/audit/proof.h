// Proofs carried out: the hashes of a plan, from memory or from the store.
#ifndef BOOTSEAL_SERVER_AUDIT_PROOF_H_
#define BOOTSEAL_SERVER_AUDIT_PROOF_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "server/audit/store.h"
#include "server/audit/tree.h"

namespace bootseal::audit {

// Hashes by subtree: those of the newest batch and the frontier before it, so
// that fresh receipts need no look-up in the store. Not thread-safe; the store
// must outlive it.
class NodeCache {
 public:
  explicit NodeCache(Store& store) : store_(store) {}

  void Replace(const std::vector<Node>& edge, const std::vector<Node>& fresh);

  // In the order asked for. The store's errors for those that are not in
  // memory, which it is asked for at once.
  absl::StatusOr<std::vector<TreeHash>> Get(
      const std::vector<NodeId>& ids) const;

 private:
  Store& store_;
  absl::flat_hash_map<std::pair<std::uint32_t, std::uint64_t>, TreeHash>
      hashes_;
};

// The hashes of `plan`, in its order.
absl::StatusOr<std::vector<TreeHash>> Carry(const ProofPlan& plan,
                                            const NodeCache& nodes);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_PROOF_H_

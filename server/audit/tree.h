// The shape of an RFC 6962 tree: which complete subtrees make up its root and
// its proofs. Pure arithmetic; hashes come from firmware/image/transparency.
//
// A range of leaves is a subtree of the RFC when it starts at a multiple of its
// size rounded up to a power of two; it falls into complete subtrees, largest
// first, whose hashes are folded from the right.
#ifndef BOOTSEAL_SERVER_AUDIT_TREE_H_
#define BOOTSEAL_SERVER_AUDIT_TREE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/audit/store.h"

namespace bootseal::audit {

// Each hash of a proof as the complete subtrees that it is folded from.
using ProofPlan = std::vector<std::vector<NodeId>>;

// RFC 6962 2.1.1 and 2.1.2, from the leaf upward. `index` < `size`, and
// `first` <= `second`.
ProofPlan PlanInclusion(std::uint64_t index, std::uint64_t size);
ProofPlan PlanConsistency(std::uint64_t first, std::uint64_t second);

// The complete subtrees of a whole tree, largest first.
std::vector<NodeId> Frontier(std::uint64_t size);

// The root over complete subtrees, largest first; the empty root for none.
TreeHash Fold(std::span<const TreeHash> hashes);

// A tree that grows at its right edge. Holds the frontier only. Not
// thread-safe.
class Tree {
 public:
  Tree() = default;
  // `frontier` has the hashes of Frontier(size).
  Tree(std::uint64_t size, std::vector<TreeHash> frontier)
      : size_(size), frontier_(std::move(frontier)) {}

  // Adds a leaf; the subtrees that it completes, itself first.
  std::vector<Node> Add(const TreeHash& leaf);

  std::uint64_t size() const { return size_; }
  TreeHash root() const { return Fold(frontier_); }
  // Frontier(size()) with its hashes.
  std::vector<Node> Edge() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<TreeHash> frontier_;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_TREE_H_

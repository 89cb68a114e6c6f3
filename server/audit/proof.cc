#include "server/audit/proof.h"

#include "base/status.h"

namespace bootseal::audit {

void NodeCache::Replace(const std::vector<Node>& edge,
                        const std::vector<Node>& fresh) {
  hashes_.clear();
  for (const auto* nodes : {&edge, &fresh}) {
    for (const Node& node : *nodes) {
      hashes_[{node.id.level, node.id.index}] = node.hash;
    }
  }
}

absl::StatusOr<TreeHash> NodeCache::Get(const NodeId& id) const {
  const auto found = hashes_.find({id.level, id.index});
  if (found != hashes_.end()) return found->second;
  ASSIGN_OR_RETURN(const std::vector<TreeHash> stored, store_.Nodes({id}));
  return stored.front();
}

absl::StatusOr<std::vector<TreeHash>> Carry(const ProofPlan& plan,
                                            const NodeCache& nodes) {
  std::vector<TreeHash> proof;
  for (const std::vector<NodeId>& parts : plan) {
    std::vector<TreeHash> hashes;
    for (const NodeId& id : parts) {
      ASSIGN_OR_RETURN(const TreeHash hash, nodes.Get(id));
      hashes.push_back(hash);
    }
    proof.push_back(Fold(hashes));
  }
  return proof;
}

}  // namespace bootseal::audit

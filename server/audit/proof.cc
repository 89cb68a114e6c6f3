#include "server/audit/proof.h"

#include <span>

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

absl::StatusOr<std::vector<TreeHash>> NodeCache::Get(
    const std::vector<NodeId>& ids) const {
  std::vector<TreeHash> hashes(ids.size());
  std::vector<NodeId> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = hashes_.find({ids[i].level, ids[i].index});
    if (found != hashes_.end()) {
      hashes[i] = found->second;
    } else {
      missing.push_back(ids[i]);
      places.push_back(i);
    }
  }
  if (missing.empty()) return hashes;
  ASSIGN_OR_RETURN(const std::vector<TreeHash> stored, store_.Nodes(missing));
  for (std::size_t i = 0; i < places.size(); ++i) hashes[places[i]] = stored[i];
  return hashes;
}

absl::StatusOr<std::vector<TreeHash>> Carry(const ProofPlan& plan,
                                            const NodeCache& nodes) {
  std::vector<NodeId> ids;
  for (const std::vector<NodeId>& parts : plan) {
    ids.insert(ids.end(), parts.begin(), parts.end());
  }
  ASSIGN_OR_RETURN(const std::vector<TreeHash> hashes, nodes.Get(ids));
  std::vector<TreeHash> proof;
  std::span<const TreeHash> rest(hashes);
  for (const std::vector<NodeId>& parts : plan) {
    proof.push_back(Fold(rest.first(parts.size())));
    rest = rest.subspan(parts.size());
  }
  return proof;
}

}  // namespace bootseal::audit

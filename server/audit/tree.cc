#include "server/audit/tree.h"

#include <algorithm>
#include <bit>

namespace bootseal::audit {
namespace {

using image::transparency::EmptyRoot;
using image::transparency::NodeHash;

struct Range {
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t size() const { return end - begin; }
};

// Largest power of two below `size`, which is at least 2.
std::uint64_t Split(std::uint64_t size) { return std::bit_floor(size - 1); }

std::vector<NodeId> CompleteSubtrees(Range range) {
  std::vector<NodeId> nodes;
  while (range.begin < range.end) {
    const std::uint64_t width = std::bit_floor(range.size());
    const auto level = static_cast<std::uint32_t>(std::countr_zero(width));
    nodes.push_back({level, range.begin >> level});
    range.begin += width;
  }
  return nodes;
}

}  // namespace

ProofPlan PlanInclusion(std::uint64_t index, std::uint64_t size) {
  ProofPlan plan;
  Range range{0, size};
  while (range.size() > 1) {
    const std::uint64_t middle = range.begin + Split(range.size());
    const bool left = index < middle;
    plan.push_back(CompleteSubtrees(left ? Range{middle, range.end}
                                         : Range{range.begin, middle}));
    range = left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  std::reverse(plan.begin(), plan.end());
  return plan;
}

ProofPlan PlanConsistency(std::uint64_t first, std::uint64_t second) {
  ProofPlan plan;
  if (first == 0 || first == second) return plan;
  Range range{0, second};
  // The verifier knows the first root: it is left out while the range still
  // starts at the first leaf.
  while (first != range.end) {
    const std::uint64_t middle = range.begin + Split(range.size());
    const bool left = first <= middle;
    plan.push_back(CompleteSubtrees(left ? Range{middle, range.end}
                                         : Range{range.begin, middle}));
    range = left ? Range{range.begin, middle} : Range{middle, range.end};
  }
  if (range.begin != 0) plan.push_back(CompleteSubtrees(range));
  std::reverse(plan.begin(), plan.end());
  return plan;
}

std::vector<NodeId> Frontier(std::uint64_t size) {
  return CompleteSubtrees({0, size});
}

TreeHash Fold(std::span<const TreeHash> hashes) {
  if (hashes.empty()) return EmptyRoot();
  TreeHash folded = hashes.back();
  for (std::size_t i = hashes.size() - 1; i > 0; --i) {
    folded = NodeHash(hashes[i - 1], folded);
  }
  return folded;
}

std::vector<Node> Tree::Add(const TreeHash& leaf) {
  std::vector<Node> complete{{{0, size_}, leaf}};
  TreeHash hash = leaf;
  std::uint32_t level = 0;
  for (std::uint64_t rest = size_; rest & 1; rest >>= 1) {
    hash = NodeHash(frontier_.back(), hash);
    frontier_.pop_back();
    ++level;
    complete.push_back({{level, rest >> 1}, hash});
  }
  frontier_.push_back(hash);
  ++size_;
  return complete;
}

std::vector<Node> Tree::Edge() const {
  const std::vector<NodeId> ids = Frontier(size_);
  std::vector<Node> edge;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    edge.push_back({ids[i], frontier_[i]});
  }
  return edge;
}

}  // namespace bootseal::audit

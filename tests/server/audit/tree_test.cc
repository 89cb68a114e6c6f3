#include "server/audit/tree.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"

namespace bootseal::audit {
namespace {

using image::Error;
using image::host::AsBytes;
using image::host::ToString;
using image::transparency::LeafHash;
using image::transparency::NodeHash;
using image::transparency::VerifyConsistency;
using image::transparency::VerifyInclusion;

constexpr std::uint64_t kSizes = 70;

using Hashes = std::vector<TreeHash>;

Hashes Leaves(std::uint64_t count) {
  Hashes leaves;
  for (std::uint64_t i = 0; i < count; ++i) {
    leaves.push_back(LeafHash(AsBytes(absl::StrCat("entry-", i))));
  }
  return leaves;
}

// The definitions of RFC 6962 2.1, word for word. D[first:last] is
// leaves.subspan; k is the largest power of two below n.
using Span = std::span<const TreeHash>;

std::size_t K(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

TreeHash Mth(Span d) {
  if (d.empty()) return image::transparency::EmptyRoot();
  if (d.size() == 1) return d[0];
  const std::size_t k = K(d.size());
  return NodeHash(Mth(d.first(k)), Mth(d.subspan(k)));
}

Hashes Path(std::size_t m, Span d) {
  if (d.size() == 1) return {};
  const std::size_t k = K(d.size());
  Hashes path = m < k ? Path(m, d.first(k)) : Path(m - k, d.subspan(k));
  path.push_back(m < k ? Mth(d.subspan(k)) : Mth(d.first(k)));
  return path;
}

Hashes SubProof(std::size_t m, Span d, bool known) {  // NOLINT: the RFC's b
  if (m == d.size()) return known ? Hashes{} : Hashes{Mth(d)};
  const std::size_t k = K(d.size());
  Hashes proof = m <= k ? SubProof(m, d.first(k), known)
                        : SubProof(m - k, d.subspan(k), false);
  proof.push_back(m <= k ? Mth(d.subspan(k)) : Mth(d.first(k)));
  return proof;
}

// Every subtree that a growing tree completes.
class TreeTest : public ::testing::Test {
 protected:
  TreeTest() {
    Tree tree;
    roots_.push_back(tree.root());
    for (const TreeHash& leaf : leaves_) {
      for (const Node& node : tree.Add(leaf)) {
        const bool is_new =
            nodes_.emplace(std::pair(node.id.level, node.id.index), node.hash)
                .second;
        EXPECT_TRUE(is_new);
      }
      roots_.push_back(tree.root());
    }
  }

  Hashes Carry(const ProofPlan& plan) const {
    Hashes proof;
    for (const auto& parts : plan) {
      Hashes hashes;
      for (const NodeId& id : parts) {
        hashes.push_back(nodes_.at({id.level, id.index}));
      }
      proof.push_back(Fold(hashes));
    }
    return proof;
  }
  Span First(std::uint64_t size) const { return Span(leaves_).first(size); }

  const Hashes leaves_ = Leaves(kSizes);
  std::map<std::pair<std::uint32_t, std::uint64_t>, TreeHash> nodes_;
  Hashes roots_;
};

TEST_F(TreeTest, HasTheRootsOfTheReference) {
  const std::pair<std::size_t, const char*> expected[] = {
      {0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
      {1, "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU="},
      {2, "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk="},
      {3, "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs="},
      {5, "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw="},
      {8, "38wTubDKkyxo3j1Z6qqP4mapyAkcAwDoQF6/6w0OWDI="},
  };
  for (const auto& [size, root] : expected) {
    EXPECT_EQ(absl::Base64Escape(ToString(roots_[size])), root) << size;
  }
}

TEST_F(TreeTest, HasTheRootsOfTheDefinition) {
  for (std::uint64_t size = 0; size <= kSizes; ++size) {
    EXPECT_EQ(roots_[size], Mth(First(size))) << size;
  }
}

TEST_F(TreeTest, KeepsExactlyTheCompleteSubtrees) {
  std::size_t expected = 0;
  for (std::uint64_t width = 1; width <= kSizes; width *= 2) {
    expected += kSizes / width;
  }
  EXPECT_EQ(nodes_.size(), expected);
}

TEST_F(TreeTest, GrowsOnFromItsFrontier) {
  for (std::uint64_t size = 0; size < kSizes; ++size) {
    Hashes frontier;
    for (const NodeId& id : Frontier(size)) {
      frontier.push_back(nodes_.at({id.level, id.index}));
    }
    Tree tree(size, frontier);
    EXPECT_EQ(tree.root(), roots_[size]);
    tree.Add(leaves_[size]);
    EXPECT_EQ(tree.root(), roots_[size + 1]) << size;
    EXPECT_EQ(tree.Edge().size(), Frontier(size + 1).size());
  }
}

TEST_F(TreeTest, ProvesEveryLeafInEverySize) {
  for (std::uint64_t size = 1; size <= kSizes; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Hashes proof = Carry(PlanInclusion(index, size));
      ASSERT_EQ(proof, Path(index, First(size))) << index << " of " << size;
      ASSERT_EQ(
          VerifyInclusion(leaves_[index], index, size, proof, roots_[size]),
          Error::kOk);
    }
  }
}

TEST_F(TreeTest, ProvesNoLeafElsewhere) {
  for (std::uint64_t size = 2; size <= kSizes; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const Hashes proof = Carry(PlanInclusion(index, size));
      const std::uint64_t other = (index + 1) % size;
      ASSERT_NE(
          VerifyInclusion(leaves_[index], other, size, proof, roots_[size]),
          Error::kOk);
      ASSERT_NE(
          VerifyInclusion(leaves_[other], index, size, proof, roots_[size]),
          Error::kOk);
      ASSERT_NE(
          VerifyInclusion(leaves_[index], index, size, proof, roots_[size - 1]),
          Error::kOk);
    }
  }
}

TEST_F(TreeTest, ProvesThatEverySizeExtendsEverySmallerOne) {
  for (std::uint64_t second = 0; second <= kSizes; ++second) {
    for (std::uint64_t first = 0; first <= second; ++first) {
      const Hashes proof = Carry(PlanConsistency(first, second));
      if (first != 0) {
        ASSERT_EQ(proof, SubProof(first, First(second), true))
            << first << " to " << second;
      }
      ASSERT_EQ(VerifyConsistency(first, second, proof, roots_[first],
                                  roots_[second]),
                Error::kOk);
    }
  }
}

TEST_F(TreeTest, ProvesNoExtensionOfAnotherTree) {
  for (std::uint64_t second = 2; second <= kSizes; ++second) {
    for (std::uint64_t first = 1; first < second; ++first) {
      const Hashes proof = Carry(PlanConsistency(first, second));
      ASSERT_NE(VerifyConsistency(first, second, proof, roots_[first - 1],
                                  roots_[second]),
                Error::kOk);
      ASSERT_NE(VerifyConsistency(first, second, proof, roots_[first],
                                  roots_[second - 1]),
                Error::kOk);
    }
  }
}

TEST_F(TreeTest, HasTheConsistencyProofOfTheReference) {
  std::vector<std::string> lines;
  for (const TreeHash& hash : Carry(PlanConsistency(3, 5))) {
    lines.push_back(absl::Base64Escape(ToString(hash)));
  }
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=",
                       "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=",
                       "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=",
                       "GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc="}));
}

}  // namespace
}  // namespace bootseal::audit

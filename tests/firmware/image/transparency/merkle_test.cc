// Vectors: facts services, appendix A; the eight-leaf root is RFC 6962's public
// example.
#include "firmware/image/transparency/merkle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::AsBytes;
using image::host::ToString;
using namespace image::transparency;

std::string Base64(const TreeHash& hash) {
  return absl::Base64Escape(ToString(hash));
}

TreeHash FromBase64(const std::string& text) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(text, &bytes));
  TreeHash hash{};
  image::Copy(AsBytes(bytes), hash);
  return hash;
}

// A tree by its definition, as slow as it likes.
class Tree {
 public:
  explicit Tree(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      leaves_.push_back(LeafHash(AsBytes(absl::StrCat("entry-", i))));
    }
  }
  explicit Tree(const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
      leaves_.push_back(LeafHash(AsBytes(entry)));
    }
  }

  const TreeHash& leaf(std::size_t index) const { return leaves_[index]; }
  TreeHash Root(std::size_t begin, std::size_t end) const {
    if (begin == end) return EmptyRoot();
    if (end - begin == 1) return leaves_[begin];
    const std::size_t split = begin + Split(end - begin);
    return NodeHash(Root(begin, split), Root(split, end));
  }
  TreeHash Root() const { return Root(0, leaves_.size()); }

  // RFC 6962, 2.1.1.
  std::vector<TreeHash> Path(std::size_t index, std::size_t begin,
                             std::size_t end) const {
    if (end - begin == 1) return {};
    const std::size_t split = begin + Split(end - begin);
    const bool left = index < split;
    std::vector<TreeHash> path =
        left ? Path(index, begin, split) : Path(index, split, end);
    path.push_back(left ? Root(split, end) : Root(begin, split));
    return path;
  }

  // RFC 6962, 2.1.2: SUBPROOF(m, D[begin:end], whole).
  std::vector<TreeHash> Consistency(std::size_t m, std::size_t begin,
                                    std::size_t end, bool whole) const {
    if (m == end - begin) {
      if (whole) return {};
      return {Root(begin, end)};
    }
    const std::size_t split = Split(end - begin);
    std::vector<TreeHash> path;
    if (m <= split) {
      path = Consistency(m, begin, begin + split, whole);
      path.push_back(Root(begin + split, end));
    } else {
      path = Consistency(m - split, begin + split, end, false);
      path.push_back(Root(begin, begin + split));
    }
    return path;
  }

 private:
  static std::size_t Split(std::size_t size) {
    std::size_t split = 1;
    while (2 * split < size) split *= 2;
    return split;
  }

  std::vector<TreeHash> leaves_;
};

struct RootCase {
  std::size_t size;
  const char* root;
};

class MerkleRoot : public testing::TestWithParam<RootCase> {};

TEST_P(MerkleRoot, IsThePublishedOne) {
  EXPECT_EQ(Base64(Tree(GetParam().size).Root()), GetParam().root);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, MerkleRoot,
    testing::Values(RootCase{0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
                    RootCase{1, "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU="},
                    RootCase{2, "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk="},
                    RootCase{3, "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs="},
                    RootCase{5, "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw="},
                    RootCase{8,
                             "38wTubDKkyxo3j1Z6qqP4mapyAkcAwDoQF6/6w0OWDI="}));

TEST(MerkleRoot, IsThePublicEightLeafRoot) {
  std::vector<std::string> entries;
  for (const char* hex :
       {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f"}) {
    entries.push_back(absl::HexStringToBytes(hex));
  }
  EXPECT_EQ(absl::BytesToHexString(ToString(Tree(entries).Root())),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(Inclusion, OfEveryLeafInEveryTreeIsProved) {
  for (std::size_t size = 1; size <= 33; ++size) {
    const Tree tree(size);
    for (std::size_t index = 0; index < size; ++index) {
      ASSERT_EQ(VerifyInclusion(tree.leaf(index), index, size,
                                tree.Path(index, 0, size), tree.Root()),
                Error::kOk)
          << index << " in " << size;
    }
  }
}

TEST(Inclusion, IsRefusedAtAnyOtherIndexOrSize) {
  const Tree tree(13);
  const auto path = tree.Path(6, 0, 13);
  for (std::uint64_t index = 0; index < 20; ++index) {
    if (index == 6) continue;
    EXPECT_NE(VerifyInclusion(tree.leaf(6), index, 13, path, tree.Root()),
              Error::kOk)
        << index;
  }
  EXPECT_NE(VerifyInclusion(tree.leaf(6), 6, 0, path, tree.Root()), Error::kOk);
  EXPECT_NE(VerifyInclusion(tree.leaf(6), 6, 6, path, tree.Root()), Error::kOk);
  // A size whose right edge has the same shape above the leaf differs in
  // nothing but the root, which the checkpoint binds to its size.
  EXPECT_NE(VerifyInclusion(tree.leaf(6), 6, 8, path, tree.Root()), Error::kOk);
  EXPECT_NE(VerifyInclusion(tree.leaf(6), 6, 17, path, tree.Root()),
            Error::kOk);
}

TEST(Inclusion, IsRefusedWithAPathThatIsTooShortOrTooLong) {
  const Tree tree(13);
  auto path = tree.Path(6, 0, 13);
  path.push_back(tree.leaf(0));
  EXPECT_EQ(VerifyInclusion(tree.leaf(6), 6, 13, path, tree.Root()),
            Error::kProofLength);
  path.resize(path.size() - 2);
  EXPECT_EQ(VerifyInclusion(tree.leaf(6), 6, 13, path, tree.Root()),
            Error::kProofLength);
}

TEST(Inclusion, IsRefusedWithAnyBitOfThePathFlipped) {
  const Tree tree(13);
  const auto good = tree.Path(6, 0, 13);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t bit = 0; bit < 256; ++bit) {
      auto path = good;
      path[i][bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      ASSERT_EQ(VerifyInclusion(tree.leaf(6), 6, 13, path, tree.Root()),
                Error::kProofMismatch);
    }
  }
}

TEST(Inclusion, OfALeafInAnEmptyTreeIsRefused) {
  EXPECT_EQ(VerifyInclusion(EmptyRoot(), 0, 0, {}, EmptyRoot()),
            Error::kProofMismatch);
}

TEST(Consistency, OfEveryTwoTreesIsProved) {
  for (std::size_t second = 1; second <= 33; ++second) {
    const Tree tree(second);
    for (std::size_t first = 1; first <= second; ++first) {
      ASSERT_EQ(VerifyConsistency(first, second,
                                  tree.Consistency(first, 0, second, true),
                                  tree.Root(0, first), tree.Root()),
                Error::kOk)
          << first << " to " << second;
    }
  }
}

TEST(Consistency, OfThePublishedProofHolds) {
  const std::vector<TreeHash> path = {
      FromBase64("BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg="),
      FromBase64("J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc="),
      FromBase64("LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk="),
      FromBase64("GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc=")};
  EXPECT_EQ(VerifyConsistency(3, 5, path, Tree(3).Root(), Tree(5).Root()),
            Error::kOk);
  EXPECT_EQ(VerifyConsistency(3, 5, path, Tree(2).Root(), Tree(5).Root()),
            Error::kProofMismatch);
  EXPECT_EQ(VerifyConsistency(3, 5, path, Tree(3).Root(), Tree(4).Root()),
            Error::kProofMismatch);
}

TEST(Consistency, IsRefusedWithAPathThatIsTooShortOrTooLong) {
  const Tree tree(13);
  auto path = tree.Consistency(6, 0, 13, true);
  path.push_back(tree.leaf(0));
  EXPECT_EQ(VerifyConsistency(6, 13, path, tree.Root(0, 6), tree.Root()),
            Error::kProofLength);
  for (path.pop_back(); !path.empty();) {
    path.pop_back();
    EXPECT_EQ(VerifyConsistency(6, 13, path, tree.Root(0, 6), tree.Root()),
              Error::kProofLength);
  }
}

TEST(Consistency, OfASmallerTreeIsRefused) {
  EXPECT_EQ(VerifyConsistency(5, 3, {}, Tree(5).Root(), Tree(3).Root()),
            Error::kProofMismatch);
}

TEST(Consistency, OfEqualOrEmptyTreesNeedsAnEmptyPath) {
  const std::vector<TreeHash> path = {Tree(1).Root()};
  const TreeHash root = Tree(5).Root();
  EXPECT_EQ(VerifyConsistency(5, 5, {}, root, root), Error::kOk);
  EXPECT_EQ(VerifyConsistency(5, 5, {}, Tree(4).Root(), root),
            Error::kProofMismatch);
  EXPECT_EQ(VerifyConsistency(5, 5, path, root, root), Error::kProofLength);
  EXPECT_EQ(VerifyConsistency(0, 5, {}, EmptyRoot(), root), Error::kOk);
  EXPECT_EQ(VerifyConsistency(0, 5, path, EmptyRoot(), root),
            Error::kProofLength);
  EXPECT_EQ(VerifyConsistency(0, 5, {}, root, root), Error::kProofMismatch);
}

}  // namespace
}  // namespace bootseal::tests

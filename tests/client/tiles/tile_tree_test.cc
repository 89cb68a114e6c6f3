// Against the roots that the client's other builder gives, and the vectors.
#include "client/tiles/tile_tree.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/tree_builder.h"
#include "client/tiles/tile_path.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;

std::string Entry(std::uint64_t i) { return absl::StrCat("entry-", i); }

tiles::TileTree TreeOf(std::uint64_t size) {
  tiles::TileTree tree;
  for (std::uint64_t i = 0; i < size; ++i) {
    tree.Append(image::transparency::LeafHash(AsBytes(Entry(i))));
  }
  return tree;
}

TEST(TileTree, HasTheRootsOfTheVectors) {
  const struct {
    std::uint64_t size;
    const char* root;
  } kRoots[] = {{0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
                {1, "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU="},
                {2, "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk="},
                {3, "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs="},
                {5, "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw="},
                {8, "38wTubDKkyxo3j1Z6qqP4mapyAkcAwDoQF6/6w0OWDI="}};
  for (const auto& each : kRoots) {
    EXPECT_EQ(absl::Base64Escape(ToString(TreeOf(each.size).Root())), each.root)
        << each.size;
  }
}

TEST(TileTree, HasTheRootOfEverySizeAroundItsTiles) {
  tiles::TileTree tree;
  cli::TreeBuilder other;
  for (std::uint64_t i = 0; i < 66000; ++i) {
    tree.Append(image::transparency::LeafHash(AsBytes(Entry(i))));
    other.Append(Entry(i));
    if (i % 97 != 0 && i % 256 > 2 && i % 256 < 254) continue;
    ASSERT_EQ(tree.Root(), other.Root()) << i;
  }
}

TEST(TileTree, GivesTheTilesThatALeafCompletes) {
  tiles::TileTree tree = TreeOf(65535);
  const auto full =
      tree.Append(image::transparency::LeafHash(AsBytes(Entry(65535))));
  ASSERT_EQ(full.size(), 2U);
  EXPECT_EQ(full[0].level, 0U);
  EXPECT_EQ(full[0].index, 255U);
  EXPECT_EQ(full[1].level, 1U);
  EXPECT_EQ(full[1].index, 0U);
  EXPECT_EQ(full[1].hashes.size(), tiles::kTileWidth);
  EXPECT_EQ(tree.partials()[2].size(), 1U);
}

TEST(TileTree, GoesOnFromItsPartialTiles) {
  tiles::TileTree whole = TreeOf(1000);
  const tiles::TileTree half = TreeOf(700);
  tiles::TileTree rest(half.size(), half.partials());
  for (std::uint64_t i = 700; i < 1000; ++i) {
    rest.Append(image::transparency::LeafHash(AsBytes(Entry(i))));
  }
  EXPECT_EQ(rest.Root(), whole.Root());
}

}  // namespace
}  // namespace bootseal::tests

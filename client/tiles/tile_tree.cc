#include "client/tiles/tile_tree.h"

#include <bit>
#include <span>

#include "client/tiles/tile_path.h"

namespace bootseal::tiles {
namespace {

namespace transparency = image::transparency;

// RFC 6962's MTH over subtrees of one size, of which the last may be smaller.
TreeHash RootOver(std::span<const TreeHash> hashes) {
  if (hashes.size() == 1) return hashes.front();
  const std::size_t left = std::bit_floor(hashes.size() - 1);
  return transparency::NodeHash(RootOver(hashes.first(left)),
                                RootOver(hashes.subspan(left)));
}

}  // namespace

std::vector<FullTile> TileTree::Append(const TreeHash& leaf) {
  std::vector<FullTile> full;
  TreeHash hash = leaf;
  ++size_;
  for (std::uint32_t level = 0;; ++level) {
    if (level == partials_.size()) partials_.emplace_back();
    std::vector<TreeHash>& partial = partials_[level];
    partial.push_back(hash);
    if (partial.size() < kTileWidth) return full;
    hash = RootOver(partial);
    full.push_back(
        {level, FullTiles(size_, level) - 1, std::exchange(partial, {})});
  }
}

TreeHash TileTree::Root() const {
  std::vector<TreeHash> above;  // the root of all lower levels, if any
  for (const std::vector<TreeHash>& partial : partials_) {
    std::vector<TreeHash> hashes = partial;
    hashes.insert(hashes.end(), above.begin(), above.end());
    if (!hashes.empty()) above = {RootOver(hashes)};
  }
  return above.empty() ? transparency::EmptyRoot() : above.front();
}

}  // namespace bootseal::tiles

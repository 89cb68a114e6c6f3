// A tree that grows at its right edge, kept as the partial tiles of that edge:
// at most 255 hashes for each level.
#ifndef BOOTSEAL_CLIENT_TILES_TILE_TREE_H_
#define BOOTSEAL_CLIENT_TILES_TILE_TREE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "firmware/image/transparency/merkle.h"

namespace bootseal::tiles {

using image::transparency::TreeHash;

struct FullTile {
  std::uint32_t level = 0;
  std::uint64_t index = 0;
  std::vector<TreeHash> hashes;  // kTileWidth of them
};

// Not thread-safe.
class TileTree {
 public:
  TileTree() = default;
  // `partials[level]` has PartialWidth(size, level) hashes.
  TileTree(std::uint64_t size, std::vector<std::vector<TreeHash>> partials)
      : size_(size), partials_(std::move(partials)) {}

  // The tiles that this leaf completes, lowest level first.
  std::vector<FullTile> Append(const TreeHash& leaf);

  std::uint64_t size() const { return size_; }
  TreeHash Root() const;
  // One for each level, the last ones may be empty.
  const std::vector<std::vector<TreeHash>>& partials() const {
    return partials_;
  }

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<TreeHash>> partials_;
};

}  // namespace bootseal::tiles

#endif  // BOOTSEAL_CLIENT_TILES_TILE_TREE_H_

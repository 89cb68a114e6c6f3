#include "client/tiles/folder_check.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/tiles/tile_path.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tiles {
namespace {

using image::host::AsBytes;
using image::host::ToString;

absl::Status CheckTile(const FolderReader& folder, std::uint32_t level,
                       std::uint64_t index,
                       const std::vector<TreeHash>& expected) {
  ASSIGN_OR_RETURN(const std::vector<TreeHash> found,
                   folder.Tile(level, index));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (i < found.size() && found[i] == expected[i]) continue;
    return base::Precondition(
        "EXPORT_DAMAGED",
        absl::StrCat(
            TilePath(level, index, static_cast<std::uint32_t>(expected.size())),
            ": hash ", i, " is not that of the entries below it"));
  }
  return absl::OkStatus();
}

absl::Status CheckRoot(const FolderReader& folder, const TreeHash& root) {
  if (root == folder.head().root) return absl::OkStatus();
  return base::Precondition(
      "LOG_INCONSISTENT",
      absl::StrCat("the ", folder.head().size, " entries lead to root ",
                   absl::Base64Escape(ToString(root)), ", the checkpoint says ",
                   absl::Base64Escape(ToString(folder.head().root))));
}

}  // namespace

absl::Status CheckFolder(const FolderReader& folder) {
  TileTree tree;
  while (tree.size() < folder.head().size) {
    ASSIGN_OR_RETURN(const auto entries, folder.Entries(tree.size()));
    for (const std::string& entry : entries) {
      const auto full =
          tree.Append(image::transparency::LeafHash(AsBytes(entry)));
      for (const FullTile& tile : full) {
        RETURN_IF_ERROR(CheckTile(folder, tile.level, tile.index, tile.hashes));
      }
    }
  }
  RETURN_IF_ERROR(CheckRoot(folder, tree.Root()));
  for (std::uint32_t level = 0; level < tree.partials().size(); ++level) {
    RETURN_IF_ERROR(CheckTile(folder, level, FullTiles(tree.size(), level),
                              tree.partials()[level]));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::tiles

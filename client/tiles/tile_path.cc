#include "client/tiles/tile_path.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bootseal::tiles {
namespace {

constexpr std::uint32_t kLevelBits = 8;

std::string IndexPath(std::uint64_t index) {
  std::string path = absl::StrFormat("%03d", index % 1000);
  for (index /= 1000; index > 0; index /= 1000) {
    path = absl::StrFormat("x%03d/%s", index % 1000, path);
  }
  return path;
}

std::string Suffix(std::uint32_t width) {
  return width == kTileWidth ? "" : absl::StrCat(".p/", width);
}

// Complete subtrees of 256^level entries.
std::uint64_t Hashes(std::uint64_t size, std::uint32_t level) {
  return level * kLevelBits >= 64 ? 0 : size >> (level * kLevelBits);
}

}  // namespace

std::string TilePath(std::uint32_t level, std::uint64_t index,
                     std::uint32_t width) {
  return absl::StrCat("tile/", level, "/", IndexPath(index), Suffix(width));
}

std::string EntriesPath(std::uint64_t index, std::uint32_t width) {
  return absl::StrCat("tile/entries/", IndexPath(index), Suffix(width));
}

std::uint64_t FullTiles(std::uint64_t size, std::uint32_t level) {
  return Hashes(size, level) / kTileWidth;
}

std::uint32_t PartialWidth(std::uint64_t size, std::uint32_t level) {
  return static_cast<std::uint32_t>(Hashes(size, level) % kTileWidth);
}

std::uint32_t Levels(std::uint64_t size) {
  std::uint32_t levels = 0;
  while (Hashes(size, levels) > 0) ++levels;
  return levels;
}

}  // namespace bootseal::tiles

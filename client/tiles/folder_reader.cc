#include "client/tiles/folder_reader.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/tiles/tile_path.h"

namespace bootseal::tiles {
namespace {

constexpr std::size_t kMaxNoteBytes = 64 << 10;
constexpr std::size_t kMaxEntryBytes = 65535;
constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kMaxBundleBytes =
    kTileWidth * (kLengthBytes + kMaxEntryBytes);
constexpr std::size_t kHashBytes = sizeof(TreeHash);

absl::Status Damaged(absl::string_view path, absl::string_view what) {
  return base::Precondition(
      "EXPORT_DAMAGED",
      absl::StrCat(path, ": ", what, "; export the log to a new folder"));
}

std::size_t LengthAt(absl::string_view bytes) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
         static_cast<unsigned char>(bytes[1]);
}

}  // namespace

std::string BundleItem(absl::string_view entry) {
  const char length[] = {static_cast<char>(entry.size() >> 8),
                         static_cast<char>(entry.size() & 0xff)};
  return absl::StrCat(absl::string_view(length, sizeof(length)), entry);
}

absl::StatusOr<std::vector<std::string>> SplitBundle(absl::string_view bundle,
                                                     std::uint32_t width) {
  std::vector<std::string> entries;
  while (entries.size() < width) {
    if (bundle.size() < kLengthBytes ||
        bundle.size() - kLengthBytes < LengthAt(bundle)) {
      return base::Precondition("EXPORT_DAMAGED",
                                absl::StrCat("the bundle ends in entry ",
                                             entries.size(), " of ", width));
    }
    entries.emplace_back(bundle.substr(kLengthBytes, LengthAt(bundle)));
    bundle.remove_prefix(kLengthBytes + entries.back().size());
  }
  return entries;
}

absl::StatusOr<FolderReader> FolderReader::Open(const std::string& folder,
                                                const cli::LogKey& key) {
  const std::string path = absl::StrCat(folder, "/", kCheckpointFile);
  ASSIGN_OR_RETURN(const std::string note, base::ReadFile(path, kMaxNoteBytes));
  auto head = key.Open(note);
  RETURN_IF_ERROR(base::Annotate(head.status(), path));
  return FolderReader(folder, *std::move(head));
}

std::uint32_t FolderReader::WidthOf(std::uint32_t level,
                                    std::uint64_t index) const {
  const std::uint64_t full = FullTiles(head_.size, level);
  if (index < full) return kTileWidth;
  return index == full ? PartialWidth(head_.size, level) : 0;
}

absl::StatusOr<std::string> FolderReader::ReadEither(
    const std::string& path, const std::string& full_path) const {
  auto file = base::ReadFile(absl::StrCat(folder_, "/", path), kMaxBundleBytes);
  if (base::ReasonOf(file.status()) != "FILE_NOT_FOUND") return file;
  file = base::ReadFile(absl::StrCat(folder_, "/", full_path), kMaxBundleBytes);
  if (base::ReasonOf(file.status()) != "FILE_NOT_FOUND") return file;
  return Damaged(absl::StrCat(folder_, "/", path), "is missing");
}

absl::StatusOr<std::vector<std::string>> FolderReader::Entries(
    std::uint64_t start) const {
  if (start >= head_.size) return std::vector<std::string>();
  const std::uint64_t index = start / kTileWidth;
  const std::uint32_t width = WidthOf(0, index);
  const std::string path = EntriesPath(index, width);
  ASSIGN_OR_RETURN(const std::string bundle,
                   ReadEither(path, EntriesPath(index, kTileWidth)));
  auto entries = SplitBundle(bundle, width);
  RETURN_IF_ERROR(base::Annotate(entries.status(), path));
  entries->erase(
      entries->begin(),
      entries->begin() + static_cast<std::ptrdiff_t>(start % kTileWidth));
  return entries;
}

absl::StatusOr<std::vector<TreeHash>> FolderReader::Tile(
    std::uint32_t level, std::uint64_t index) const {
  const std::uint32_t width = WidthOf(level, index);
  if (width == 0) return std::vector<TreeHash>();
  const std::string path = TilePath(level, index, width);
  ASSIGN_OR_RETURN(const std::string tile,
                   ReadEither(path, TilePath(level, index, kTileWidth)));
  if (tile.size() < width * kHashBytes || tile.size() % kHashBytes != 0) {
    return Damaged(path, absl::StrCat(tile.size(), " bytes, expected ",
                                      width * kHashBytes));
  }
  std::vector<TreeHash> hashes(width);
  std::memcpy(hashes.data(), tile.data(), width * kHashBytes);
  return hashes;
}

}  // namespace bootseal::tiles

#include "client/tiles/folder_writer.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/status.h"
#include "client/tiles/folder_reader.h"
#include "client/tiles/tile_path.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tiles {
namespace {

using image::host::AsBytes;
using image::host::ToString;

constexpr std::size_t kMaxEntryBytes = 65535;
constexpr absl::Duration kLockPatience = absl::Seconds(2);

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return base::Precondition(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot write ", path, ": ", error.message()));
}

std::string Joined(const std::vector<TreeHash>& hashes) {
  std::string bytes;
  for (const TreeHash& hash : hashes) absl::StrAppend(&bytes, ToString(hash));
  return bytes;
}

absl::Status Inconsistent(const TileTree& tree,
                          const cli::TrustedCheckpoint& head) {
  return base::Precondition(
      "LOG_INCONSISTENT",
      absl::StrCat("the ", tree.size(), " entries exported lead to root ",
                   absl::Base64Escape(ToString(tree.Root())),
                   ", the checkpoint has size ", head.size, " and root ",
                   absl::Base64Escape(ToString(head.root))));
}

// The right edge of what was exported.
absl::StatusOr<TileTree> ReadEdge(const FolderReader& old) {
  const std::uint64_t size = old.head().size;
  std::vector<std::vector<TreeHash>> partials;
  for (std::uint32_t level = 0; level < Levels(size); ++level) {
    ASSIGN_OR_RETURN(auto hashes, old.Tile(level, FullTiles(size, level)));
    partials.push_back(std::move(hashes));
  }
  TileTree tree(size, std::move(partials));
  if (tree.Root() == old.head().root) return tree;
  return base::Precondition(
      "EXPORT_DAMAGED",
      "the last tiles do not lead to the root of the checkpoint beside them; "
      "export the log to a new folder");
}

}  // namespace

absl::StatusOr<FolderWriter> FolderWriter::Open(const std::string& folder,
                                                const cli::LogKey& key) {
  RETURN_IF_ERROR(MakeFolder(folder));
  ASSIGN_OR_RETURN(cli::FileLock lock,
                   cli::FileLock::Take(folder + "/.lock", kLockPatience));
  FolderWriter writer(folder, std::move(lock));
  RETURN_IF_ERROR(writer.GoOn(key));
  return writer;
}

absl::Status FolderWriter::GoOn(const cli::LogKey& key) {
  const auto old = FolderReader::Open(folder_, key);
  if (base::ReasonOf(old.status()) == "FILE_NOT_FOUND") return absl::OkStatus();
  if (!old.ok()) return old.status();
  ASSIGN_OR_RETURN(tree_, ReadEdge(*old));
  const std::uint64_t begin = FullTiles(size(), 0) * kTileWidth;
  ASSIGN_OR_RETURN(const auto entries, old->Entries(begin));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (image::transparency::LeafHash(AsBytes(entries[i])) !=
        tree_.partials()[0][i]) {
      return base::Precondition("EXPORT_DAMAGED",
                                absl::StrCat("entry ", begin + i,
                                             " is not what was hashed; export "
                                             "the log to a new folder"));
    }
    absl::StrAppend(&bundle_, BundleItem(entries[i]));
  }
  return absl::OkStatus();
}

absl::Status FolderWriter::Append(absl::string_view entry) {
  if (entry.size() > kMaxEntryBytes) {
    return base::Precondition(
        "EXPORT_ENTRY",
        absl::StrCat("entry ", size(), " has ", entry.size(),
                     " bytes, expected at most ", kMaxEntryBytes));
  }
  absl::StrAppend(&bundle_, BundleItem(entry));
  const std::vector<FullTile> full =
      tree_.Append(image::transparency::LeafHash(AsBytes(entry)));
  if (full.empty()) return absl::OkStatus();
  const std::string path = EntriesPath(full.front().index, kTileWidth);
  RETURN_IF_ERROR(Write(path, bundle_));
  full_.push_back(path);
  bundle_.clear();
  for (const FullTile& tile : full) RETURN_IF_ERROR(WriteFull(tile));
  return absl::OkStatus();
}

absl::Status FolderWriter::WriteFull(const FullTile& tile) {
  const std::string path = TilePath(tile.level, tile.index, kTileWidth);
  full_.push_back(path);
  return Write(path, Joined(tile.hashes));
}

absl::Status FolderWriter::Write(const std::string& path,
                                 absl::string_view content) {
  const std::string whole = absl::StrCat(folder_, "/", path);
  const std::string parent = whole.substr(0, whole.rfind('/'));
  if (made_.insert(parent).second) RETURN_IF_ERROR(MakeFolder(parent));
  return base::WriteFileAtomically(whole, content);
}

absl::Status FolderWriter::WritePartials() {
  if (const std::uint32_t width = PartialWidth(size(), 0); width != 0) {
    RETURN_IF_ERROR(Write(EntriesPath(FullTiles(size(), 0), width), bundle_));
  }
  for (std::uint32_t level = 0; level < tree_.partials().size(); ++level) {
    const std::vector<TreeHash>& hashes = tree_.partials()[level];
    if (hashes.empty()) continue;
    RETURN_IF_ERROR(Write(TilePath(level, FullTiles(size(), level),
                                   static_cast<std::uint32_t>(hashes.size())),
                          Joined(hashes)));
  }
  return absl::OkStatus();
}

absl::Status FolderWriter::Finish(const cli::TrustedCheckpoint& head) {
  if (head.size != size() || head.root != tree_.Root()) {
    return Inconsistent(tree_, head);
  }
  RETURN_IF_ERROR(WritePartials());
  RETURN_IF_ERROR(Write(kCheckpointFile, head.note));
  for (const std::string& path : full_) {
    std::error_code ignored;  // no harm where they stay
    std::filesystem::remove_all(absl::StrCat(folder_, "/", path, ".p"),
                                ignored);
  }
  full_.clear();
  return absl::OkStatus();
}

}  // namespace bootseal::tiles

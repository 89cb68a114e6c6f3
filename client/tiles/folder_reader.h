// Reads a log that was exported as a C2SP tlog-tiles folder.
#ifndef BOOTSEAL_CLIENT_TILES_FOLDER_READER_H_
#define BOOTSEAL_CLIENT_TILES_FOLDER_READER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/log_key.h"
#include "client/tiles/tile_tree.h"

namespace bootseal::tiles {

// Immutable; thread-safe. Errors: FAILED_PRECONDITION (EXPORT_DAMAGED) for a
// file that is missing, cut or not of the length that the checkpoint demands;
// FILE_*. What the files say is not proven: folder_check.h does that, or a
// caller that builds the root of all entries.
class FolderReader {
 public:
  // Of the checkpoint: FILE_NOT_FOUND where there is none, and as
  // cli::LogKey::Open.
  static absl::StatusOr<FolderReader> Open(const std::string& folder,
                                           const cli::LogKey& key);

  // Signed by the log's key.
  const cli::TrustedCheckpoint& head() const { return head_; }

  // From `start` on, at least one and at most 256 of the tree's entries: the
  // rest of a bundle. None at the tree's end.
  absl::StatusOr<std::vector<std::string>> Entries(std::uint64_t start) const;
  // The tile as it is in a tree of the checkpoint's size.
  absl::StatusOr<std::vector<TreeHash>> Tile(std::uint32_t level,
                                             std::uint64_t index) const;

 private:
  FolderReader(std::string folder, cli::TrustedCheckpoint head)
      : folder_(std::move(folder)), head_(std::move(head)) {}
  std::uint32_t WidthOf(std::uint32_t level, std::uint64_t index) const;
  // A partial file, or the full one that has come in its place.
  absl::StatusOr<std::string> ReadEither(const std::string& path,
                                         const std::string& full_path) const;

  std::string folder_;
  cli::TrustedCheckpoint head_;
};

// The entries of a bundle; EXPORT_DAMAGED unless there are `width` at least.
absl::StatusOr<std::vector<std::string>> SplitBundle(absl::string_view bundle,
                                                     std::uint32_t width);
// Length and entry, as a bundle has it. At most 65,535 bytes.
std::string BundleItem(absl::string_view entry);

// What a writer leaves last and a reader opens first.
inline constexpr char kCheckpointFile[] = "checkpoint";

}  // namespace bootseal::tiles

#endif  // BOOTSEAL_CLIENT_TILES_FOLDER_READER_H_

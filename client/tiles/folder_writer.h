// Writes a log as a C2SP tlog-tiles folder, and goes on where an earlier export
// ended. Memory: one bundle of entries and the hashes of the right edge.
//
// Every file appears whole, the checkpoint last: a reader that starts from the
// checkpoint finds all that it speaks of, at any moment. Partial tiles of
// earlier checkpoints stay until the full one is there.
#ifndef BOOTSEAL_CLIENT_TILES_FOLDER_WRITER_H_
#define BOOTSEAL_CLIENT_TILES_FOLDER_WRITER_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/file_lock.h"
#include "client/cli/log_key.h"
#include "client/tiles/tile_tree.h"

namespace bootseal::tiles {

// Locked against other processes while it lives. Not thread-safe; movable.
class FolderWriter {
 public:
  // Makes the folder. What an earlier export left is read back at its right
  // edge, which has to lead to the root of its checkpoint. FILE_*,
  // EXPORT_DAMAGED; as cli::LogKey::Open for the checkpoint of another log.
  static absl::StatusOr<FolderWriter> Open(const std::string& folder,
                                           const cli::LogKey& key);

  // How many entries are there; Append takes the next one.
  std::uint64_t size() const { return tree_.size(); }
  // EXPORT_ENTRY for one of more than 65,535 bytes; FILE_UNWRITABLE.
  absl::Status Append(absl::string_view entry);

  // Puts the checkpoint of all that was appended into place. LOG_INCONSISTENT
  // when it speaks of other entries, those of the earlier export included:
  // then the earlier checkpoint stays.
  absl::Status Finish(const cli::TrustedCheckpoint& head);

 private:
  FolderWriter(std::string folder, cli::FileLock lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  absl::Status GoOn(const cli::LogKey& key);
  absl::Status Write(const std::string& path, absl::string_view content);
  absl::Status WriteFull(const FullTile& tile);
  absl::Status WritePartials();

  std::string folder_;
  cli::FileLock lock_;
  TileTree tree_;
  std::string bundle_;             // of the entries behind the last full one
  std::set<std::string> made_;     // folders known to be there
  std::vector<std::string> full_;  // files whose partial ones can go
};

}  // namespace bootseal::tiles

#endif  // BOOTSEAL_CLIENT_TILES_FOLDER_WRITER_H_

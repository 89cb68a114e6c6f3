// Files that appear whole or not at all, several of them together or none.
//
// Content goes to a temporary file beside its place and to the disk; then one
// rename puts it there: readers see the old content or the new, never a part.
// What is not a file of its own (a device, a pipe) has no old content to keep
// and is written in place.
//
// Thread-safe, except that one object is for one thread. Errors carry the path
// and the reason FILE_UNWRITABLE.
#ifndef BOOTSEAL_BASE_PENDING_FILE_H_
#define BOOTSEAL_BASE_PENDING_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/file.h"

namespace bootseal::base {

// Content on the disk that is not in its place yet; removed with the object.
class PendingFile {
 public:
  static absl::StatusOr<PendingFile> Write(const std::string& path,
                                           absl::string_view content,
                                           FileMode mode = FileMode::kPublic);
  // Behind what was written, and to the disk.
  absl::Status Append(absl::string_view content);
  // The same with zeros, which take no room where the file system has holes.
  absl::Status AppendZeros(std::uint64_t count);
  PendingFile(PendingFile&&) = default;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

 private:
  friend absl::Status PutInPlace(std::vector<PendingFile> files);

  explicit PendingFile(std::string path);
  absl::Status KeepOld();
  absl::Status Place();
  void TakeBack() const;
  void RemoveOld() const;

  std::string path_;
  // On the heap: a signal handler may follow its characters.
  std::unique_ptr<std::string> temporary_;
  std::string old_;  // another name of what was at `path_`; empty: nothing was
  bool placed_ = false;
};

// All files appear in their places, in this order, or none does and what was
// there stays.
absl::Status PutInPlace(std::vector<PendingFile> files);

// True for a device, pipe or socket that is there already.
bool IsWrittenInPlace(const std::string& path);

// Opens such a file and writes it from its current start; a pipe waits for its
// reader.
absl::Status WriteInPlace(const std::string& path, absl::string_view content);

// From now on a signal that ends the process by default (SIGHUP, SIGINT,
// SIGPIPE, SIGTERM) removes pending files first. One that comes while files are
// put in place waits until they are. Signals that are ignored stay so. For
// main().
void RemovePendingFilesOnSignal();

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_PENDING_FILE_H_

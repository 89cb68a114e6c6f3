// One process at a time.
#ifndef BOOTSEAL_CLIENT_CLI_FILE_LOCK_H_
#define BOOTSEAL_CLIENT_CLI_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bootseal::cli {

// An advisory lock on a file that nothing else is in, given back with the
// object or with the process. Move-only.
class FileLock {
 public:
  // Makes the file (mode 0600), in a folder that is there, and waits for at
  // most `patience`. Ends with kLocalFile: FILE_UNWRITABLE, or FILE_LOCKED when
  // another holds it all that time.
  static absl::StatusOr<FileLock> Take(const std::string& path,
                                       absl::Duration patience);

  FileLock(FileLock&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_FILE_LOCK_H_

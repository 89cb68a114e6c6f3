#include "client/cli/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"

namespace bootseal::cli {
namespace {

// flock cannot be told how long to wait.
constexpr absl::Duration kPause = absl::Milliseconds(10);

absl::Status Unlockable(const std::string& path) {
  return base::Precondition(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot lock ", path, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Take(const std::string& path,
                                        absl::Duration patience) {
  FileLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) return Unlockable(path);
  const absl::Time end = absl::Now() + patience;
  while (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return Unlockable(path);
    if (absl::Now() > end) {
      return base::Precondition(
          "FILE_LOCKED", absl::StrCat(path, " is held by another process for ",
                                      absl::FormatDuration(patience),
                                      "; end that process, or try again"));
    }
    absl::SleepFor(kPause);
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace bootseal::cli

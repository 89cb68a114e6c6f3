#include "client/fwu/descriptor.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::fwu {
namespace {

absl::Status Failed(absl::string_view reason, absl::string_view verb,
                    const std::string& path, std::uint64_t offset,
                    absl::string_view why) {
  return base::Unavailable(
      reason,
      absl::StrCat("cannot ", verb, " ", path, " at byte ", offset, ": ", why));
}

}  // namespace

absl::StatusOr<Descriptor> Descriptor::Open(const std::string& path,
                                            Access access) {
  const int flags = access == Access::kRead ? O_RDONLY : O_RDWR;
  const int number = open(path.c_str(), flags | O_CLOEXEC);
  if (number >= 0) return Descriptor(number, path);
  const int error = errno;
  const std::string message =
      absl::StrCat("cannot open ", path, ": ", std::strerror(error));
  if (error == ENOENT) return base::NotFound("FILE_NOT_FOUND", message);
  return base::Precondition("FILE_UNREADABLE", message);
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

absl::Status Descriptor::ReadAt(std::uint64_t offset,
                                image::MutableBytes to) const {
  while (!to.empty()) {
    const ssize_t count =
        pread(number_, to.data(), to.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return Failed("STORAGE_READ", "read", path_, offset,
                    count == 0 ? "it ends there" : std::strerror(errno));
    }
    offset += static_cast<std::uint64_t>(count);
    to = to.subspan(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status Descriptor::WriteAt(std::uint64_t offset,
                                 image::Bytes from) const {
  while (!from.empty()) {
    const ssize_t count =
        pwrite(number_, from.data(), from.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return Failed("STORAGE_WRITE", "write", path_, offset,
                    count == 0 ? "nothing was taken" : std::strerror(errno));
    }
    offset += static_cast<std::uint64_t>(count);
    from = from.subspan(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status Descriptor::Flush() const {
  // A character device has no cache to write back.
  if (fsync(number_) != 0 && errno != EINVAL && errno != EROFS) {
    return Failed("STORAGE_WRITE", "flush", path_, 0, std::strerror(errno));
  }
  posix_fadvise(number_, 0, 0, POSIX_FADV_DONTNEED);
  struct stat info {};
  if (fstat(number_, &info) == 0 && S_ISBLK(info.st_mode) &&
      ioctl(number_, BLKFLSBUF, 0) != 0) {
    return Failed("STORAGE_WRITE", "drop the cache of", path_, 0,
                  std::strerror(errno));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Descriptor::Size() const {
  struct stat info {};
  std::uint64_t bytes = 0;
  if (fstat(number_, &info) != 0) {
    return Failed("STORAGE_READ", "measure", path_, 0, std::strerror(errno));
  }
  if (S_ISREG(info.st_mode)) return static_cast<std::uint64_t>(info.st_size);
  if (S_ISBLK(info.st_mode) && ioctl(number_, BLKGETSIZE64, &bytes) == 0) {
    return bytes;
  }
  return base::Precondition(
      "FILE_UNREADABLE",
      absl::StrCat(path_, " is neither a file nor a block device"));
}

}  // namespace bootseal::fwu

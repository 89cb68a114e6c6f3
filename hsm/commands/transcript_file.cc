#include "hsm/commands/transcript_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/flush_folder.h"
#include "base/status.h"
#include "base/transcript.h"

namespace bootseal::hsm::commands {
namespace {

constexpr mode_t kMode = 0644;

absl::Status Unwritable(const std::string& path, int error) {
  return base::FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE", path,
      absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

absl::Status Exists(const std::string& path) {
  return base::FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_EXISTS", path,
      absl::StrCat(path,
                   " is there already; a transcript is written once, "
                   "name another file"));
}

// 0, or what errno says.
int WriteAll(int file, absl::string_view text) {
  off_t offset = 0;
  while (!text.empty()) {
    const ssize_t written = pwrite(file, text.data(), text.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return ftruncate(file, offset) == 0 && fsync(file) == 0 ? 0 : errno;
}

}  // namespace

TranscriptFile::TranscriptFile(std::string path, int file)
    : path_(std::move(path)), file_(file) {}

TranscriptFile::TranscriptFile(TranscriptFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      filled_(other.filled_) {}

TranscriptFile::~TranscriptFile() {
  if (file_ < 0) return;
  // What has the name by now may be somebody else's.
  if (!filled_ && CheckName().ok()) unlink(path_.c_str());
  close(file_);
}

absl::StatusOr<TranscriptFile> TranscriptFile::Reserve(
    const std::string& path) {
  const int file =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (file < 0) {
    return errno == EEXIST ? Exists(path) : Unwritable(path, errno);
  }
  TranscriptFile made(path, file);
  int error = posix_fallocate(file, 0, base::kMaxTranscriptBytes);
  // A network's file system says no later than here that there is no room.
  if (error == 0 && (fchmod(file, kMode) != 0 || fsync(file) != 0)) {
    error = errno;
  }
  if (error != 0) return Unwritable(path, error);
  return made;
}

// Its folder may have been taken away, with what was written in it.
absl::Status TranscriptFile::CheckName() const {
  struct stat made {};
  struct stat named {};
  if (fstat(file_, &made) != 0 || lstat(path_.c_str(), &named) != 0) {
    return Unwritable(path_, errno);
  }
  return made.st_dev == named.st_dev && made.st_ino == named.st_ino
             ? absl::OkStatus()
             : Exists(path_);
}

absl::Status TranscriptFile::Fill(absl::string_view text) {
  if (const int error = WriteAll(file_, text)) return Unwritable(path_, error);
  RETURN_IF_ERROR(CheckName());
  if (const int error = base::FlushFolderOf(path_)) {
    return Unwritable(path_, error);
  }
  filled_ = true;
  return absl::OkStatus();
}

}  // namespace bootseal::hsm::commands

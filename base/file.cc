#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_format.h"
#include "base/status.h"

namespace bootseal::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::Status SystemError(absl::StatusCode code, absl::string_view reason,
                         absl::string_view what, const std::string& path) {
  return FailField(
      code, reason, path,
      absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
}

absl::Status Unreadable(const std::string& path) {
  if (errno == ENOENT) {
    return SystemError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", "open",
                       path);
  }
  return SystemError(absl::StatusCode::kFailedPrecondition, "FILE_UNREADABLE",
                     "read", path);
}

absl::Status Unwritable(const std::string& path) {
  return SystemError(absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE",
                     "write", path);
}

absl::Status WriteAll(int descriptor, absl::string_view content,
                      const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unwritable(path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(descriptor) != 0) return Unwritable(path);
  return absl::OkStatus();
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A device, pipe or terminal has no old content to keep.
bool IsSpecialFile(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

absl::Status WriteInPlace(const std::string& path, absl::string_view content) {
  const Descriptor out(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (out.get() < 0) return Unwritable(path);
  while (!content.empty()) {
    const ssize_t written = write(out.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unwritable(path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status CheckMode(const std::string& path, mode_t forbidden,
                       absl::string_view expected) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Unreadable(path);
  if (info.st_uid != geteuid() && info.st_uid != 0) {
    return FailField(absl::StatusCode::kFailedPrecondition, "FILE_MODE", path,
                     absl::StrCat(path, " belongs to user ", info.st_uid,
                                  ", expected root or user ", geteuid()));
  }
  if ((info.st_mode & forbidden) == 0) return absl::OkStatus();
  return FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_MODE", path,
      absl::StrFormat("%s has mode %04o, expected %s; fix: chmod %s %s", path,
                      info.st_mode & 07777, expected,
                      (forbidden & 0044) != 0 ? "600" : "go-w", path));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     std::size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return Unreadable(path);
  std::string content;
  struct stat info {};
  if (fstat(file.get(), &info) == 0 && info.st_size > 0) {
    content.reserve(
        std::min(static_cast<std::size_t>(info.st_size), max_bytes));
  }
  char block[65536];
  while (true) {
    const ssize_t count = read(file.get(), block, sizeof(block));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(path);
    if (count == 0) return content;
    content.append(block, static_cast<std::size_t>(count));
    if (content.size() > max_bytes) {
      return FailField(
          absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE", path,
          absl::StrCat(path, " is larger than ", max_bytes, " bytes"));
    }
  }
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view content, FileMode mode) {
  if (IsSpecialFile(path)) return WriteInPlace(path, content);
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const Descriptor out(mkostemp(temporary.data(), O_CLOEXEC));
  if (out.get() < 0) return Unwritable(path);
  absl::Status status = WriteAll(out.get(), content, path);
  if (status.ok() && fchmod(out.get(), static_cast<mode_t>(mode)) != 0) {
    status = Unwritable(path);
  }
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = Unwritable(path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  const Descriptor folder(
      open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) fsync(folder.get());
  return absl::OkStatus();
}

absl::Status CheckPrivate(const std::string& path) {
  return CheckMode(path, 0077, "0600");
}

absl::Status CheckNotWritableByOthers(const std::string& path) {
  return CheckMode(path, 0022, "no write permission for group and others");
}

}  // namespace bootseal::base

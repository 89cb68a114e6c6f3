#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_format.h"
#include "base/pending_file.h"
#include "base/status.h"

namespace bootseal::base {
namespace {

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

absl::Status TooLarge(const std::string& path, absl::string_view has,
                      std::size_t max_bytes) {
  return FailField(
      absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE", path,
      absl::StrCat(path, " has ", has, " bytes, expected at most ", max_bytes));
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
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Unreadable(path);
  const absl::Cleanup close_file = [file] { close(file); };
  std::string content;
  struct stat info {};
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode)) {
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > max_bytes) return TooLarge(path, absl::StrCat(size), max_bytes);
    content.reserve(size);
  }
  char block[65536];
  while (true) {
    const ssize_t count = read(file, block, sizeof(block));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(path);
    if (count == 0) return content;
    content.append(block, static_cast<std::size_t>(count));
    if (content.size() > max_bytes) return TooLarge(path, "more", max_bytes);
  }
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view content, FileMode mode) {
  if (IsWrittenInPlace(path)) return WriteInPlace(path, content);
  ASSIGN_OR_RETURN(PendingFile file, PendingFile::Write(path, content, mode));
  std::vector<PendingFile> files;
  files.push_back(std::move(file));
  return PutInPlace(std::move(files));
}

absl::Status CheckPrivate(const std::string& path) {
  return CheckMode(path, 0077, "0600");
}

absl::Status CheckNotWritableByOthers(const std::string& path) {
  return CheckMode(path, 0022, "no write permission for group and others");
}

}  // namespace bootseal::base

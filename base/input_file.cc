#include "base/input_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/shell_word.h"
#include "base/status.h"

namespace bootseal::base {
namespace {

absl::Status Refused(const std::string& path, absl::string_view why) {
  return FailField(absl::StatusCode::kFailedPrecondition, "FILE_UNREADABLE",
                   path, absl::StrCat("cannot read ", path, ": ", why));
}

// Whose it is, when that is why.
std::string OwnerOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return "";
  return absl::StrFormat(
      "; it belongs to user %d with mode %04o, and this process is user %d",
      info.st_uid, info.st_mode & 07777, geteuid());
}

absl::Status Unreadable(const std::string& path) {
  const int error = errno;
  if (error != ENOENT) {
    return Refused(path, absl::StrCat(std::strerror(error),
                                      error == EACCES ? OwnerOf(path) : ""));
  }
  return FailField(
      absl::StatusCode::kNotFound, "FILE_NOT_FOUND", path,
      absl::StrCat("cannot open ", path, ": ", std::strerror(error)));
}

const char* KindOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFIFO:
      return "a pipe";
    case S_IFSOCK:
      return "a socket";
    case S_IFDIR:
      return "a folder";
    default:
      return "a device";
  }
}

absl::Status CheckRegular(const std::string& path, const struct stat& info) {
  if (S_ISREG(info.st_mode)) return absl::OkStatus();
  return Refused(path, absl::StrCat("it is ", KindOf(info.st_mode),
                                    ", expected a regular file"));
}

// What nobody but the owner may do with it.
struct ModeRule {
  mode_t forbidden;
  mode_t forbidden_of_roots;  // of a file that root owns
  bool any_owner;             // not root and this user alone
  const char* expected;
};
constexpr ModeRule kPrivate{0077, 0077, false, "0600"};
constexpr ModeRule kNotWritable{0022, 0022, false,
                                "no write permission for group and others"};
constexpr ModeRule kPrivateKey{0077, 0037, true,
                               "0600, or 0640 where root owns it"};
constexpr ModeRule kBearerToken{0077, 0022, false,
                                "0600, or 0644 where root owns it"};

// The least that mends it. Of root's own, its group is who reads it.
const char* RightMode(mode_t forbidden) {
  if ((forbidden & 0044) == 0) return "go-w";
  return (forbidden & 0040) == 0 && geteuid() != 0 ? "640" : "600";
}

absl::Status CheckMode(const std::string& path, const struct stat& info,
                       const ModeRule& rule) {
  const std::string word = ShellWord(path);
  if (!rule.any_owner && info.st_uid != geteuid() && info.st_uid != 0) {
    return FailField(absl::StatusCode::kFailedPrecondition, "FILE_MODE", path,
                     absl::StrCat(path, " belongs to user ", info.st_uid,
                                  ", expected root or user ", geteuid(),
                                  "; fix: chown ", geteuid(), " -- ", word));
  }
  const mode_t forbidden =
      info.st_uid == 0 ? rule.forbidden_of_roots : rule.forbidden;
  if ((info.st_mode & forbidden) == 0) return absl::OkStatus();
  return FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_MODE", path,
      absl::StrFormat("%s has mode %04o, expected %s; fix: chmod %s -- %s",
                      path, info.st_mode & 07777, rule.expected,
                      RightMode(forbidden), word));
}

absl::Status TooLarge(const std::string& path, absl::string_view has,
                      std::size_t max_bytes) {
  return FailField(
      absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE", path,
      absl::StrCat(path, " has ", has, " bytes, expected at most ", max_bytes));
}

// A pipe and a terminal line are opened without waiting for the other end.
int FlagsFor(Accepts accepts) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
  return accepts == Accepts::kAnything ? kFlags : kFlags | O_NONBLOCK;
}

}  // namespace

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      info_(other.info_) {}

InputFile::~InputFile() {
  if (file_ >= 0) close(file_);
}

absl::StatusOr<InputFile> InputFile::Open(const std::string& path,
                                          Accepts accepts) {
  InputFile made(path, open(path.c_str(), FlagsFor(accepts)));
  if (made.file_ < 0 && errno != ENXIO) return Unreadable(path);
  // A socket cannot be opened, and its name still says what it is.
  const int known = made.file_ < 0 ? stat(path.c_str(), &made.info_)
                                   : fstat(made.file_, &made.info_);
  if (known != 0) return Unreadable(path);
  if (made.file_ < 0 || accepts == Accepts::kRegularFile) {
    RETURN_IF_ERROR(CheckRegular(path, made.info_));
  }
  return made;
}

absl::Status InputFile::CheckPrivate() const {
  return CheckMode(path_, info_, kPrivate);
}

absl::Status InputFile::CheckNotWritableByOthers() const {
  return CheckMode(path_, info_, kNotWritable);
}

absl::Status InputFile::CheckPrivateKey() const {
  return CheckMode(path_, info_, kPrivateKey);
}

absl::Status InputFile::CheckBearerToken() const {
  return CheckMode(path_, info_, kBearerToken);
}

absl::StatusOr<std::string> InputFile::Read(std::size_t max_bytes) const {
  std::string content;
  if (S_ISREG(info_.st_mode)) {
    const auto size = static_cast<std::uint64_t>(info_.st_size);
    if (size > max_bytes) return TooLarge(path_, absl::StrCat(size), max_bytes);
    content.reserve(size);
  }
  char block[65536];
  while (true) {
    const ssize_t count = read(file_, block, sizeof(block));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Unreadable(path_);
    if (count == 0) return content;
    content.append(block, static_cast<std::size_t>(count));
    if (content.size() > max_bytes) return TooLarge(path_, "more", max_bytes);
  }
}

absl::StatusOr<std::string> ReadPrivateFile(const std::string& path,
                                            std::size_t max_bytes,
                                            Accepts accepts) {
  ASSIGN_OR_RETURN(const InputFile file, InputFile::Open(path, accepts));
  RETURN_IF_ERROR(file.CheckPrivate());
  return file.Read(max_bytes);
}

absl::StatusOr<std::string> ReadOwnersFile(const std::string& path,
                                           std::size_t max_bytes) {
  ASSIGN_OR_RETURN(const InputFile file,
                   InputFile::Open(path, Accepts::kRegularFile));
  RETURN_IF_ERROR(file.CheckNotWritableByOthers());
  return file.Read(max_bytes);
}

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     std::size_t max_bytes) {
  ASSIGN_OR_RETURN(const InputFile file,
                   InputFile::Open(path, Accepts::kAnything));
  return file.Read(max_bytes);
}

// Of a file that others open by its name: a pipe would have them wait.
absl::Status CheckPrivate(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Unreadable(path);
  RETURN_IF_ERROR(CheckRegular(path, info));
  return CheckMode(path, info, kPrivate);
}

absl::Status CheckNotWritableByOthers(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return Unreadable(path);
  return CheckMode(path, info, kNotWritable);
}

}  // namespace bootseal::base

#include "client/login/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/shell_word.h"
#include "client/cli/exit_status.h"

namespace bootseal::login {
namespace {

absl::Status Unwritable(const std::string& path, absl::string_view why) {
  return cli::LocalFileError("FILE_UNWRITABLE",
                             absl::StrCat("cannot write ", path, ": ", why));
}

absl::Status Unsafe(const std::string& path, absl::string_view what) {
  return cli::LocalFileError("FOLDER_UNSAFE", absl::StrCat(path, " ", what));
}

}  // namespace

absl::Status CheckFolder(const std::string& path, Access access) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    return Unwritable(path, std::strerror(errno));
  }
  if (S_ISLNK(info.st_mode)) {
    return Unsafe(path, "is a symbolic link, expected a folder itself");
  }
  if (!S_ISDIR(info.st_mode)) return Unsafe(path, "is no folder");
  if (info.st_uid != geteuid()) {
    return Unsafe(
        path, absl::StrCat("belongs to user ", info.st_uid, ", expected user ",
                           geteuid(), ", who we are"));
  }
  const auto forbidden = static_cast<mode_t>(access);
  if ((info.st_mode & forbidden) == 0) return absl::OkStatus();
  return Unsafe(
      path, absl::StrFormat("has mode %04o, expected %s; fix: chmod 700 -- %s",
                            info.st_mode & 07777,
                            access == Access::kOthersMayNothing
                                ? "0700"
                                : "no write permission for group and others",
                            base::ShellWord(path)));
}

absl::Status MakeFolder(const std::string& path, Access access) {
  if (mkdir(path.c_str(), 0700) == 0) return absl::OkStatus();
  if (errno == EEXIST) return CheckFolder(path, access);
  const std::string above = path.substr(0, path.rfind('/'));
  if (errno != ENOENT || above.empty() || above == path) {
    return Unwritable(path, std::strerror(errno));
  }
  // What is above may be anybody's: it is ours to make, not to judge.
  std::error_code ignored;
  if (std::filesystem::exists(above, ignored)) {
    return Unwritable(path, std::strerror(ENOENT));
  }
  if (absl::Status made = MakeFolder(above, access); !made.ok()) return made;
  return mkdir(path.c_str(), 0700) == 0
             ? absl::OkStatus()
             : Unwritable(path, std::strerror(errno));
}

absl::Status RemoveFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? Unwritable(path, error.message()) : absl::OkStatus();
}

absl::Status FlushFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Unwritable(path, std::strerror(errno));
  const absl::Cleanup close_folder = [folder] { close(folder); };
  if (fsync(folder) == 0 || errno == EINVAL) return absl::OkStatus();
  return Unwritable(path, std::strerror(errno));
}

}  // namespace bootseal::login

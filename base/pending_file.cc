#include "base/pending_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/flush_folder.h"
#include "base/status.h"

namespace bootseal::base {
namespace {

constexpr std::array<int, 4> kFatalSignals{SIGHUP, SIGINT, SIGPIPE, SIGTERM};

// What the signal handler shares with the rest: lock-free, or it could not.
std::array<std::atomic<const char*>, 16> temporaries;
std::atomic<int> busy{0};          // threads that change files or the list
std::atomic<int> fatal_signal{0};  // 0: none yet
static_assert(std::atomic<const char*>::is_always_lock_free &&
              std::atomic<int>::is_always_lock_free);

// Only what POSIX allows in a signal handler.
[[noreturn]] void RemoveAllAndDie(int number) {
  for (const std::atomic<const char*>& temporary : temporaries) {
    if (const char* const name = temporary.load()) unlink(name);
  }
  signal(number, SIG_DFL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  raise(number);
  _exit(128 + number);
}

// Who is busy sees the signal when done, or the handler sees nobody busy: one
// of the two, as each writes its own flag before it reads the other's.
void OnFatalSignal(int number) {
  fatal_signal = number;
  if (busy == 0) RemoveAllAndDie(number);
}

// While one exists, no signal ends the process.
class Uninterrupted {
 public:
  Uninterrupted() {
    ++busy;
    if (fatal_signal == 0) return;
    Leave();
    while (true) pause();  // whoever is still busy ends the process
  }
  ~Uninterrupted() { Leave(); }
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;

 private:
  static void Leave() {
    if (--busy == 0 && fatal_signal != 0) RemoveAllAndDie(fatal_signal);
  }
};

void Remember(const char* name) {
  for (std::atomic<const char*>& temporary : temporaries) {
    const char* none = nullptr;
    if (temporary.compare_exchange_strong(none, name)) return;
  }
}

void Forget(const char* name) {
  for (std::atomic<const char*>& temporary : temporaries) {
    const char* same = name;
    if (temporary.compare_exchange_strong(same, nullptr)) return;
  }
}

absl::Status Unwritable(const std::string& path) {
  return FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_UNWRITABLE", path,
      absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

absl::Status WriteAll(int descriptor, absl::string_view content,
                      const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unwritable(path);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  // EINVAL: a pipe or a terminal has nothing to flush.
  if (fsync(descriptor) == 0 || errno == EINVAL) return absl::OkStatus();
  return Unwritable(path);
}

}  // namespace

PendingFile::PendingFile(std::string path)
    : path_(std::move(path)),
      temporary_(
          std::make_unique<std::string>(absl::StrCat(path_, ".XXXXXX"))) {}

absl::StatusOr<PendingFile> PendingFile::Write(const std::string& path,
                                               absl::string_view content,
                                               FileMode mode) {
  PendingFile file(path);
  int out = -1;
  {
    const Uninterrupted uninterrupted;
    out = mkostemp(file.temporary_->data(), O_CLOEXEC);
    if (out >= 0) Remember(file.temporary_->c_str());
  }
  if (out < 0) {
    absl::Status status = Unwritable(path);
    file.temporary_.reset();
    return status;
  }
  const absl::Cleanup close_out = [out] { close(out); };
  RETURN_IF_ERROR(WriteAll(out, content, path));
  if (fchmod(out, static_cast<mode_t>(mode)) != 0) return Unwritable(path);
  return file;
}

absl::Status PendingFile::Append(absl::string_view content) {
  const int out = open(temporary_->c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (out < 0) return Unwritable(path_);
  const absl::Cleanup close_out = [out] { close(out); };
  return WriteAll(out, content, path_);
}

absl::Status PendingFile::AppendZeros(std::uint64_t count) {
  struct stat info {};
  if (stat(temporary_->c_str(), &info) != 0 ||
      truncate(temporary_->c_str(), info.st_size + static_cast<off_t>(count)) !=
          0) {
    return Unwritable(path_);
  }
  return Append("");  // to the disk
}

PendingFile::~PendingFile() {
  if (!temporary_) return;
  const Uninterrupted uninterrupted;
  unlink(temporary_->c_str());
  Forget(temporary_->c_str());
}

// A second link where the file system has them; otherwise the file moves away.
absl::Status PendingFile::KeepOld() {
  struct stat info {};
  if (lstat(path_.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Unwritable(path_);
  }
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return Unwritable(path_);
  }
  std::string old = absl::StrCat(*temporary_, ".old");
  if (link(path_.c_str(), old.c_str()) != 0 &&
      rename(path_.c_str(), old.c_str()) != 0) {
    return Unwritable(path_);
  }
  old_ = std::move(old);
  return absl::OkStatus();
}

absl::Status PendingFile::Place() {
  if (rename(temporary_->c_str(), path_.c_str()) != 0) return Unwritable(path_);
  placed_ = true;
  return absl::OkStatus();
}

void PendingFile::TakeBack() const {
  if (!old_.empty()) {
    rename(old_.c_str(), path_.c_str());
  } else if (placed_) {
    unlink(path_.c_str());
  }
  RemoveOld();  // two links of one file stay two when one is renamed
}

void PendingFile::RemoveOld() const {
  if (!old_.empty()) unlink(old_.c_str());
}

absl::Status PutInPlace(std::vector<PendingFile> files) {
  {
    const Uninterrupted uninterrupted;
    absl::Status status;
    for (PendingFile& file : files) {
      // The last one needs nothing to fall back to: its rename is all or
      // nothing.
      if (&file != &files.back()) status = file.KeepOld();
      if (status.ok()) status = file.Place();
      if (!status.ok()) break;
    }
    for (const PendingFile& file : files) {
      status.ok() ? file.RemoveOld() : file.TakeBack();
    }
    if (!status.ok()) return status;
  }
  for (const PendingFile& file : files) {
    if (const int error = FlushFolderOf(file.path_)) {
      errno = error;
      return Unwritable(file.path_);
    }
  }
  return absl::OkStatus();
}

bool IsWrittenInPlace(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) &&
         !S_ISDIR(info.st_mode);
}

absl::Status WriteInPlace(const std::string& path, absl::string_view content) {
  const int out = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (out < 0) return Unwritable(path);
  const absl::Cleanup close_out = [out] { close(out); };
  return WriteAll(out, content, path);
}

void RemovePendingFilesOnSignal() {
  for (const int number : kFatalSignals) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = OnFatalSignal;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

}  // namespace bootseal::base

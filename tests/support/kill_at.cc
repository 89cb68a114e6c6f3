// Preloaded into a program: kills it at the Nth call that changes or syncs a
// file of a folder, as strace's injection does, without leave to trace.
//
// KILL_FOLDER  the folder, absolute and without links
// KILL_AT      counted from 1; the call is not made
// KILL_HALF    when set, half of a write is
// KILL_COUNT   a file that gets the number of calls when the program ends
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

bool IsInFolder(const char* path) {
  const char* const folder = getenv("KILL_FOLDER");
  if (folder == nullptr) return false;
  const std::size_t length = std::strlen(folder);
  return std::strncmp(path, folder, length) == 0 && path[length] == '/';
}

// The folder itself counts: its sync keeps names.
bool IsOfFolder(int descriptor) {
  char link[64];
  char path[PATH_MAX + 2] = {};
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, PATH_MAX);
  if (length <= 0) return false;
  path[length] = '/';
  return IsInFolder(path);
}

bool IsTheOne() {
  const long call = ++calls;
  const char* const at = getenv("KILL_AT");
  return at != nullptr && call == std::atol(at);
}

[[noreturn]] void Die() {
  kill(getpid(), SIGKILL);
  while (true) pause();
}

void Meet(int descriptor) {
  if (IsOfFolder(descriptor) && IsTheOne()) Die();
}
void Meet(const char* path) {
  if (IsInFolder(path) && IsTheOne()) Die();
}

// True: write half of it and die.
bool MeetWrite(int descriptor) {
  if (!IsOfFolder(descriptor) || !IsTheOne()) return false;
  if (getenv("KILL_HALF") == nullptr) Die();
  return true;
}

[[gnu::destructor]] void WriteCount() {
  const char* const path = getenv("KILL_COUNT");
  if (path == nullptr) return;
  if (FILE* const file = std::fopen(path, "w")) {
    std::fprintf(file, "%ld", calls.load());
    std::fclose(file);
  }
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count) {
  const bool last = MeetWrite(descriptor);
  const ssize_t written =
      syscall(SYS_write, descriptor, bytes, last ? count / 2 : count);
  if (last) Die();
  return written;
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count,
                 off64_t offset) {
  const bool last = MeetWrite(descriptor);
  const ssize_t written = syscall(SYS_pwrite64, descriptor, bytes,
                                  last ? count / 2 : count, offset);
  if (last) Die();
  return written;
}
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
  Meet(descriptor);
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}
int fdatasync(int descriptor) {
  Meet(descriptor);
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

int ftruncate64(int descriptor, off64_t size) noexcept {
  Meet(descriptor);
  return static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
}
int ftruncate(int descriptor, off_t size) noexcept {
  return ftruncate64(descriptor, size);
}

int rename(const char* from, const char* to) noexcept {
  Meet(to);
  return static_cast<int>(
      syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int unlink(const char* path) noexcept {
  Meet(path);
  return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

}  // extern "C"

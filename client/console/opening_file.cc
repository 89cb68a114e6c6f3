#include "client/console/opening_file.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"

namespace bootseal::console {
namespace {

std::string Place() {
  for (const char* const name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value == '/') return value;
  }
  return "/tmp";
}

struct Ending {
  int number;
  struct sigaction before;
};
std::array<Ending, 3> endings{{{SIGINT, {}}, {SIGTERM, {}}, {SIGHUP, {}}}};

// For the handler: set before it may run, and not changed while there is a
// file.
std::string file_to_remove;
std::string folder_to_remove;
std::atomic<bool> is_there = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// Only what POSIX allows in a signal handler.
void OnEnding(int number) {
  if (is_there.exchange(false)) {
    unlink(file_to_remove.c_str());
    rmdir(folder_to_remove.c_str());
  }
  for (const Ending& each : endings) {
    if (each.number == number) sigaction(number, &each.before, nullptr);
  }
  raise(number);
}

void RemoveAtTheEnd(const std::string& file, const std::string& folder) {
  file_to_remove = file;
  folder_to_remove = folder;
  is_there = true;
  struct sigaction action {};
  action.sa_handler = OnEnding;
  for (Ending& each : endings) {
    sigaction(each.number, nullptr, &each.before);
    if (each.before.sa_handler == SIG_IGN) continue;
    sigaction(each.number, &action, nullptr);
  }
}

void ForgetTheEnd() {
  is_there = false;
  for (const Ending& each : endings) {
    sigaction(each.number, &each.before, nullptr);
  }
}

}  // namespace

OpeningFile::OpeningFile(std::string folder)
    : folder_(std::move(folder)), path_(folder_ + "/bootseal-console.html") {
  RemoveAtTheEnd(path_, folder_);
}

OpeningFile::OpeningFile(OpeningFile&& other) noexcept
    : folder_(std::exchange(other.folder_, "")), path_(other.path_) {}

absl::StatusOr<OpeningFile> OpeningFile::Write(absl::string_view address) {
  std::string folder = Place() + "/bootseal-console-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return base::Precondition("FILE_UNWRITABLE",
                              absl::StrCat("cannot make a folder in ", Place(),
                                           ": ", std::strerror(errno)));
  }
  OpeningFile file(std::move(folder));
  RETURN_IF_ERROR(base::WriteFileAtomically(
      file.path_,
      absl::StrCat("<!DOCTYPE html><meta charset=\"utf-8\">"
                   "<meta name=\"referrer\" content=\"no-referrer\">"
                   "<meta http-equiv=\"refresh\" content=\"0;url=",
                   address, "\"><title>Bootseal console</title>\n"),
      base::FileMode::kPrivate));
  return file;
}

void OpeningFile::Remove() {
  if (folder_.empty()) return;
  unlink(path_.c_str());
  rmdir(folder_.c_str());
  folder_.clear();
  ForgetTheEnd();
}

}  // namespace bootseal::console

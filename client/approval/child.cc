#include "client/approval/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"

extern char** environ;

namespace bootseal::approval {
namespace {

constexpr std::size_t kMaxOutputBytes = 64 << 10;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void Close() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void Give(int ours, int theirs) {
    posix_spawn_file_actions_adddup2(&actions_, ours, theirs);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

absl::Status Failed(const std::string& program, absl::string_view why) {
  return base::Precondition("PROGRAM_FAILED", absl::StrCat(program, " ", why));
}

// All of it, in memory: no pipe that a program which reads nothing could block.
bool Fill(int file, absl::string_view input) {
  while (!input.empty()) {
    const ssize_t written = write(file, input.data(), input.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  return lseek(file, 0, SEEK_SET) == 0;
}

std::string ReadAll(int file) {
  std::string output;
  std::array<char, 4096> buffer;
  while (output.size() <= kMaxOutputBytes) {
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return output;
}

int WaitFor(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

absl::StatusOr<std::string> RunChild(const std::vector<std::string>& arguments,
                                     absl::string_view input) {
  const std::string& program = arguments.front();
  Descriptor given(memfd_create("input", MFD_CLOEXEC));
  int ends[2] = {-1, -1};
  if (given.get() < 0 || !Fill(given.get(), input) ||
      pipe2(ends, O_CLOEXEC) != 0) {
    return base::Internal(absl::StrCat("no room for the input of ", program));
  }
  const Descriptor out(ends[0]);
  Descriptor in(ends[1]);
  FileActions actions;
  actions.Give(given.get(), STDIN_FILENO);
  actions.Give(in.get(), STDOUT_FILENO);
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (const std::string& word : arguments) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  pid_t child = -1;
  const int error = posix_spawnp(&child, program.c_str(), actions.get(),
                                 nullptr, words.data(), environ);
  if (error != 0) {
    return base::Precondition(
        "PROGRAM_MISSING",
        absl::StrCat("cannot run ", program, ": ", std::strerror(error)));
  }
  in.Close();
  const std::string output = ReadAll(out.get());
  const int status = WaitFor(child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Failed(program, "failed; what it said is above");
  }
  if (output.size() > kMaxOutputBytes) return Failed(program, "says too much");
  return output;
}

}  // namespace bootseal::approval

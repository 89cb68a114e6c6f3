#include "tests/support/qemu.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace bootseal::tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSlotAddress = "0x10100000";

std::vector<std::string> ArgumentsOf(const Boot& boot) {
  std::vector<std::string> arguments{"qemu-system-arm",
                                     "-M",
                                     boot.board,
                                     "-display",
                                     "none",
                                     "-monitor",
                                     "none",
                                     "-serial",
                                     "stdio",
                                     "-net",
                                     "none",
                                     "-kernel",
                                     boot.elf,
                                     "-semihosting-config",
                                     "enable=on,target=native"};
  if (!boot.image.empty()) {
    arguments.push_back("-device");
    arguments.push_back("loader,force-raw=on,addr=" +
                        std::string(kSlotAddress) + ",file=" + boot.image);
  }
  arguments.insert(arguments.end(), boot.options.begin(), boot.options.end());
  return arguments;
}

// A child whose output arrives in `output`; killed and reaped with this object.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    std::vector<char*> raw;
    for (const std::string& argument : arguments) {
      raw.push_back(const_cast<char*>(argument.c_str()));
    }
    raw.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      execvp(raw[0], raw.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
  }
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (output_ >= 0) close(output_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // False at the end of the output, or when `deadline` passed.
  bool ReadMore(std::string& text, Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    pollfd ready{output_, POLLIN, 0};
    if (left.count() <= 0 ||
        poll(&ready, 1, static_cast<int>(left.count())) != 1) {
      return false;
    }
    char chunk[4096];
    const ssize_t size = read(output_, chunk, sizeof(chunk));
    if (size <= 0) return false;
    for (ssize_t i = 0; i < size; ++i) {
      if (chunk[i] != '\r') text += chunk[i];
    }
    return true;
  }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
};

bool HasLineWith(const std::string& text, const std::string& expected) {
  const std::size_t at = text.find(expected);
  return at != std::string::npos && text.find('\n', at) != std::string::npos;
}

// QEMU grumbles about the network that nobody asked for; its errors stay.
std::string WithoutWarnings(std::string text) {
  const std::string warning = "qemu-system-arm: warning:";
  while (text.rfind(warning, 0) == 0) text.erase(0, text.find('\n') + 1);
  return text;
}

}  // namespace

std::string UartOf(const Boot& boot, const std::string& expected,
                   std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  Child qemu(ArgumentsOf(boot));
  std::string text;
  while (!HasLineWith(text, expected) && qemu.ReadMore(text, deadline)) {
  }
  return WithoutWarnings(std::move(text));
}

}  // namespace bootseal::tests

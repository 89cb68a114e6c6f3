#include "tests/support/qemu.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace bootseal::tests {
namespace {

using Clock = std::chrono::steady_clock;

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
                                     "-semihosting-config",
                                     "enable=on,target=native"};
  if (!boot.elf.empty()) {
    arguments.insert(arguments.end(), {"-kernel", boot.elf});
  }
  if (!boot.image.empty()) {
    arguments.push_back("-device");
    arguments.push_back("loader,force-raw=on,addr=" + boot.slot +
                        ",file=" + boot.image);
  }
  arguments.insert(arguments.end(), boot.options.begin(), boot.options.end());
  return arguments;
}

bool HasLineWith(const std::string& text, const std::string& expected) {
  const std::size_t at = text.find(expected);
  return at != std::string::npos && text.find('\n', at) != std::string::npos;
}

// QEMU grumbles about the network that nobody asked for; its errors stay.
std::string WithoutWarnings(std::string text) {
  const std::string warning = "qemu-system-arm: warning:";
  while (text.rfind(warning, 0) == 0) {
    const std::size_t end = text.find('\n');
    if (end == std::string::npos) return "";  // of which the rest is to come
    text.erase(0, end + 1);
  }
  return text;
}

}  // namespace

Emulator::Emulator(const Boot& boot) {
  int ends[2];
  int keys[2];
  if (pipe2(ends, O_CLOEXEC) != 0 || pipe2(keys, O_CLOEXEC) != 0) return;
  const std::vector<std::string> arguments = ArgumentsOf(boot);
  std::vector<char*> raw;
  for (const std::string& argument : arguments) {
    raw.push_back(const_cast<char*>(argument.c_str()));
  }
  raw.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    // No process outlives the test, however the test ends.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(keys[0], STDIN_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execvp(raw[0], raw.data());
    _exit(127);
  }
  close(ends[1]);
  close(keys[0]);
  output_ = ends[0];
  input_ = keys[1];
}

Emulator::~Emulator() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
  if (input_ >= 0) close(input_);
}

bool Emulator::Type(const std::string& text) {
  // A pipe takes a line at once; one that nobody reads is no reason to die.
  signal(SIGPIPE, SIG_IGN);
  return write(input_, text.data(), text.size()) ==
         static_cast<ssize_t>(text.size());
}

bool Emulator::Says(const std::string& text, std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  std::size_t at = text_.find(text, said_);
  while (at == std::string::npos && ReadMore(deadline)) {
    at = text_.find(text, said_);
  }
  if (at == std::string::npos) return false;
  said_ = at + text.size();
  return true;
}

// False at the end of the output, or when nothing came before `deadline`.
bool Emulator::ReadMore(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - Clock::now());
  // What is there is read at any time, but not of one that never stops talking.
  constexpr std::chrono::seconds kPatience{1};
  if (left < -kPatience) return false;
  pollfd ready{output_, POLLIN, 0};
  const int wait = std::max(0, static_cast<int>(left.count()));
  if (poll(&ready, 1, wait) != 1) return false;
  char chunk[4096];
  const ssize_t size = read(output_, chunk, sizeof(chunk));
  if (size <= 0) return false;
  for (ssize_t i = 0; i < size; ++i) {
    if (chunk[i] != '\r') text_ += chunk[i];
  }
  return true;
}

std::string Emulator::Uart(const std::string& expected,
                           std::chrono::milliseconds limit) {
  return UartSince(0, expected, limit);
}

std::string Emulator::UartSince(std::size_t from, const std::string& expected,
                                std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  std::string said;
  do {
    said = WithoutWarnings(text_);
    said.erase(0, from);
  } while (!HasLineWith(said, expected) && ReadMore(deadline));
  return said;
}

std::string UartOf(const Boot& boot, const std::string& expected,
                   std::chrono::milliseconds limit) {
  return Emulator(boot).Uart(expected, limit);
}

}  // namespace bootseal::tests

#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

namespace bootseal::tests {
namespace {

using Time = std::chrono::steady_clock;

int ExitCode(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Starts the program with its output on the two descriptors.
pid_t Start(const std::vector<std::string>& arguments,
            const Environment& environment, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  // No process outlives the test, however the test ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Under nohup, or behind a shell's &, tests ignore some.
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM}) {
    signal(number, SIG_DFL);
  }
  for (const auto& [name, value] : environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(127);
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close(read_end);
    CloseWriteEnd();
  }
  void CloseWriteEnd() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }
};

// Reads both until both end or the time is up; false on time-out.
bool Collect(const Pipe& out, const Pipe& err, Time::time_point deadline,
             Outcome& outcome) {
  pollfd polls[2] = {{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}};
  std::string* texts[2] = {&outcome.out, &outcome.err};
  while (polls[0].fd >= 0 || polls[1].fd >= 0) {
    if (Time::now() > deadline) return false;
    poll(polls, 2, 100);
    for (int i = 0; i < 2; ++i) {
      if (polls[i].fd < 0 || polls[i].revents == 0) continue;
      char block[4096];
      const ssize_t count = read(polls[i].fd, block, sizeof(block));
      if (count > 0) {
        texts[i]->append(block, static_cast<std::size_t>(count));
      } else {
        polls[i].fd = -1;
      }
    }
  }
  return true;
}

}  // namespace

Outcome Run(const std::vector<std::string>& arguments,
            const Environment& environment, std::chrono::seconds limit) {
  Outcome outcome;
  Pipe out;
  Pipe err;
  const pid_t pid = Start(arguments, environment, out.write_end, err.write_end);
  out.CloseWriteEnd();
  err.CloseWriteEnd();
  if (!Collect(out, err, Time::now() + limit, outcome)) kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  outcome.exit_code = ExitCode(status);
  return outcome;
}

Background::Background(const std::vector<std::string>& arguments,
                       const Environment& environment,
                       const std::string& log_path) {
  const int log =
      open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = Start(arguments, environment, log, log);
  close(log);
}

Background::~Background() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Background::Signal(int number) {
  if (pid_ >= 0) kill(pid_, number);
}

int Background::Wait(std::chrono::seconds limit) {
  const auto deadline = Time::now() + limit;
  int status = 0;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (Time::now() > deadline) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  pid_ = -1;
  return ExitCode(status);
}

}  // namespace bootseal::tests

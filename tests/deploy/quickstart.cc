#include "tests/deploy/quickstart.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

namespace bootseal::tests {
namespace {

constexpr std::chrono::seconds kLimit{240};
constexpr const char* kScript = BOOTSEAL_SOURCE_DIR "/deploy/quickstart";

int installations = 0;

// The children of this process, from /proc/<pid>/stat: "pid (name) state ppid".
std::vector<pid_t> Children() {
  std::vector<pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "stat");
    std::string stat;
    std::getline(in, stat);
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) continue;
    if (std::atoi(stat.c_str() + name_end + 4) == getpid()) {
      children.push_back(std::atoi(stat.c_str()));
    }
  }
  return children;
}

}  // namespace

Quickstart::Quickstart(const std::string& home) : home_(folder_.File(home)) {
  // What the script leaves behind becomes ours.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  ++installations;
}

Quickstart::~Quickstart() {
  const Outcome stop = Run({"--stop"});
  EXPECT_EQ(stop.exit_code, 0) << stop.err;
  if (--installations > 0) return;
  EXPECT_TRUE(NothingIsLeft());
}

Outcome Quickstart::Run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{kScript};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return tests::Run(command, settings(), kLimit);
}

Outcome Quickstart::RunWith(const std::string& setting,
                            const std::string& value) const {
  Environment changed = settings();
  changed[setting] = value;
  return tests::Run({kScript}, changed, kLimit);
}

Outcome Quickstart::Shell(const std::string& lines) const {
  return tests::Run({"bash", "-euc", "cd \"$1\"; . \"$2/env\"\n" + lines, "-",
                     folder_.path(), home_},
                    settings(), kLimit);
}

Environment Quickstart::settings() const {
  return {{"BOOTSEAL_QUICKSTART_HOME", home_},
          {"BOOTSEAL_QUICKSTART_BUILD", BOOTSEAL_BUILD_DIR},
          {"BOOTSEAL_QUICKSTART_LISTEN", "127.0.0.1:0"},
          {"HOME", folder_.path()}};
}

std::string Quickstart::Read(const std::string& name) const {
  std::ifstream in(File(name), std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void Quickstart::Write(const std::string& name,
                       const std::string& content) const {
  const std::filesystem::path path = File(name);
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

bool Quickstart::Exists(const std::string& name) const {
  return std::filesystem::exists(File(name));
}

pid_t Quickstart::ServerOf(const Outcome& run) {
  std::smatch found;
  if (!std::regex_search(run.out, found, std::regex("as process ([0-9]+);"))) {
    ADD_FAILURE() << "no server in: " << run.out << run.err;
    return -1;
  }
  return std::atoi(found[1].str().c_str());
}

bool IsRunning(pid_t pid) {
  waitpid(pid, nullptr, WNOHANG);
  return pid > 0 && kill(pid, 0) == 0;
}

bool NothingIsLeft() {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  pid_t ended = 0;
  while ((ended = waitpid(-1, nullptr, WNOHANG)) != -1) {
    if (ended > 0) continue;
    if (std::chrono::steady_clock::now() > deadline) {
      for (const pid_t child : Children()) kill(child, SIGKILL);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace bootseal::tests

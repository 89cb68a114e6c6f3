#include "tests/client/witness/running_witness.h"

#include <httplib.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/host/add_checkpoint.h"
#include "tests/client/witness/growth.h"

namespace bootseal::tests {
namespace {

constexpr std::chrono::seconds kStartLimit(20);
constexpr char kBefore[] = "://127.0.0.1:";

// 0 while it does not listen.
int PortIn(const std::string& output) {
  const std::size_t at = output.find(kBefore);
  const std::size_t end = output.find('\n', at);
  if (at == std::string::npos || end == std::string::npos) return 0;
  const std::size_t begin = at + sizeof(kBefore) - 1;
  int port = 0;
  return absl::SimpleAtoi(output.substr(begin, end - begin), &port) ? port : 0;
}

}  // namespace

RunningWitness::RunningWitness(std::vector<std::string> logs)
    : logs_(std::move(logs)) {
  WriteWitnessKey(File("w.pem"));
}

std::vector<std::string> RunningWitness::Arguments(
    const std::vector<std::string>& more) const {
  std::vector<std::string> arguments{BOOTSEAL_PROGRAM,
                                     "audit",
                                     "witness",
                                     "--listen",
                                     absl::StrCat("127.0.0.1:", port_),
                                     "--key",
                                     File("w.pem"),
                                     "--name",
                                     kWitness,
                                     "--state",
                                     File("state")};
  for (const std::string& log : logs_) {
    arguments.insert(arguments.end(), {"--log", log});
  }
  if (new_) arguments.push_back("--new");
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void RunningWitness::Start(const std::vector<std::string>& more) {
  std::remove(File("output").c_str());
  process_ = std::make_unique<Background>(
      Arguments(more), Environment{{"XDG_CONFIG_HOME", folder_.path()}},
      File("output"));
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  while (PortIn(Output()) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::cerr << "the witness does not listen: " << Output() << std::endl;
      std::abort();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  port_ = PortIn(Output());
  new_ = false;
}

void RunningWitness::Kill() {
  process_->Signal(SIGKILL);
  process_->Wait(kStartLimit);
}

Outcome RunningWitness::StartAndFail(const std::vector<std::string>& more) {
  return Run(Arguments(more), {{"XDG_CONFIG_HOME", folder_.path()}},
             kStartLimit);
}

std::string RunningWitness::url() const {
  return absl::StrCat("http://127.0.0.1:", port_);
}

std::string RunningWitness::Output() const {
  return base::ReadFile(File("output"), 16 << 20).value_or("");
}

std::string RunningWitness::Latest(const std::string& origin) const {
  httplib::Client client("127.0.0.1", port_);
  const auto result = client.Get(image::host::CheckpointPath(origin));
  return result && result->status == 200 ? result->body : "";
}

}  // namespace bootseal::tests

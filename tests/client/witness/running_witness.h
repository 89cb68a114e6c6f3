// `bootseal audit witness` as a process of its own on a free loopback port.
#ifndef BOOTSEAL_TESTS_CLIENT_WITNESS_RUNNING_WITNESS_H_
#define BOOTSEAL_TESTS_CLIENT_WITNESS_RUNNING_WITNESS_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// Key, state and output are in a folder of its own, which stays over restarts.
class RunningWitness {
 public:
  // For the logs of these keys.
  explicit RunningWitness(std::vector<std::string> logs);

  // The port of the first start is kept, which is --new. Aborts when it does
  // not listen.
  void Start(const std::vector<std::string>& more = {});
  void TakePort(int port) { port_ = port; }
  void Kill();  // SIGKILL, and waits
  // Starts it and waits for its end.
  Outcome StartAndFail(const std::vector<std::string>& more = {});

  int port() const { return port_; }
  std::string url() const;
  std::string File(const std::string& name) const { return folder_.File(name); }
  std::string Output() const;
  // What it shows of a log; empty: nothing.
  std::string Latest(const std::string& origin) const;

 private:
  std::vector<std::string> Arguments(
      const std::vector<std::string>& more) const;

  TemporaryFolder folder_;
  std::vector<std::string> logs_;
  int port_ = 0;
  bool new_ = true;
  std::unique_ptr<Background> process_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_WITNESS_RUNNING_WITNESS_H_

// Clients that sign without a pause, as CI jobs do, and keep what they got.
#ifndef BOOTSEAL_TESTS_CHAOS_LOAD_H_
#define BOOTSEAL_TESTS_CHAOS_LOAD_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "client/cli/log_key.h"
#include "client/cli/settings.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// What one accepted release says.
struct Released {
  std::string receipt;
  std::string entry;      // of the receipt
  std::string signature;  // in the image
};

class Load {
 public:
  // `threads` in this process, each with a connection of its own, and
  // `programs` that run `bootseal sign` again and again. All remember the log's
  // checkpoint in one folder.
  Load(Environment environment, int threads, int programs);
  // Ends when each client has its answer.
  ~Load();

  void End();
  // After the end.
  const std::vector<Released>& released() const { return released_; }
  int program_runs() const { return program_runs_; }
  // What clients called an error, retries and all.
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  void SignHere();
  void RunProgram(int number);
  void Fail(std::string error);

  const Environment environment_;
  TemporaryFolder folder_;
  const std::string payload_;
  cli::Settings settings_;
  std::atomic<bool> ending_ = false;
  std::atomic<int> program_runs_ = 0;
  base::Mutex mutex_;
  std::vector<Released> released_;
  std::vector<std::string> errors_;
  std::vector<std::thread> clients_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CHAOS_LOAD_H_

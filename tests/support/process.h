// Runs programs as a user would: arguments, environment, exit code, output.
#ifndef BOOTSEAL_TESTS_SUPPORT_PROCESS_H_
#define BOOTSEAL_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace bootseal::tests {

struct Outcome {
  int exit_code = -1;  // 128 + signal when killed, as a shell says
  std::string out;
  std::string err;
};

// Added to the environment of this process.
using Environment = std::map<std::string, std::string>;

// Waits for the end; after `limit` the process is killed. argv[0] is searched
// in PATH.
Outcome Run(const std::vector<std::string>& arguments,
            const Environment& environment = {},
            std::chrono::seconds limit = std::chrono::seconds(60));

// A process that runs beside the test and is killed with this object. Its
// output goes to `log_path`.
class Background {
 public:
  Background(const std::vector<std::string>& arguments,
             const Environment& environment, const std::string& log_path);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int number);
  // -1 when it still runs after `limit`.
  int Wait(std::chrono::seconds limit);

 private:
  pid_t pid_ = -1;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_PROCESS_H_

// deploy/quickstart as a user runs it: in a home of its own, on a free port,
// with the programs and bootloaders of this build.
#ifndef BOOTSEAL_TESTS_DEPLOY_QUICKSTART_H_
#define BOOTSEAL_TESTS_DEPLOY_QUICKSTART_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// Not thread-safe.
class Quickstart {
 public:
  // `home` is made below a folder that goes with this object.
  explicit Quickstart(const std::string& home = "quickstart");
  // Stops the server; the last of them fails the test when a process is left
  // behind.
  ~Quickstart();
  Quickstart(const Quickstart&) = delete;
  Quickstart& operator=(const Quickstart&) = delete;

  Outcome Run(const std::vector<std::string>& arguments = {}) const;
  // With one setting changed.
  Outcome RunWith(const std::string& setting, const std::string& value) const;
  // Lines for bash in the folder that holds the home, after its env.
  Outcome Shell(const std::string& lines) const;
  Environment settings() const;

  const std::string& home() const { return home_; }
  // Below the home, and below the folder that holds it.
  std::string File(const std::string& name) const { return home_ + "/" + name; }
  std::string Beside(const std::string& name) const {
    return folder_.File(name);
  }
  std::string Read(const std::string& name) const;
  void Write(const std::string& name, const std::string& content) const;
  bool Exists(const std::string& name) const;

  // As the output of a run names it.
  static pid_t ServerOf(const Outcome& run);

 private:
  TemporaryFolder folder_;
  std::string home_;
};

// A process that has ended and was waited for does not exist.
bool IsRunning(pid_t pid);

// Waits for whatever was orphaned to this process; false when something still
// runs after ten seconds, and is killed then.
bool NothingIsLeft();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_DEPLOY_QUICKSTART_H_

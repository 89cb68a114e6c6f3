// A whole Bootseal made with its own programs, as an operator would: a SoftHSM2
// token filled by bootseal-token, the development PKI, a policy file, and
// bootseald as a process of its own on a free loopback port.
#ifndef BOOTSEAL_TESTS_INTEGRATION_INSTALLATION_H_
#define BOOTSEAL_TESTS_INTEGRATION_INSTALLATION_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// One firmware key and one target of that name in the policy.
struct TestTarget {
  std::string name;       // of the target and of its key's label
  std::string algorithm;  // as bootseal-token names it: "p256"
  // Body of the policy's mcuboot { } block; @LOG_KEY@ is the log's.
  std::string format;
};

// A target for the boards in QEMU.
TestTarget BoardTarget(const std::string& algorithm);

// TF-M's secure image on the NUCLEO-L552ZE-Q, from the quickstart's policy.
TestTarget TfmSecureTarget();

class Installation {
 public:
  // Aborts the test's process when a part cannot be made: nothing to prove
  // then.
  explicit Installation(const std::vector<TestTarget>& targets);
  ~Installation();

  // Runs `bootseal` with the identity of `person`: "ci", "developer",
  // "release-manager" or "auditor".
  Outcome Client(const std::vector<std::string>& arguments,
                 const std::string& person = "ci") const;
  // The same with settings of one's own on top.
  Outcome ClientWith(const Environment& extra,
                     const std::vector<std::string>& arguments) const;
  Outcome TokenTool(const std::vector<std::string>& arguments) const;

  // Starts bootseald and waits until it serves; its exit code otherwise (-1
  // while it runs).
  int StartServer();
  Background& server() { return *server_; }
  std::string ServerLog() const;

  std::string File(const std::string& name) const { return folder_.File(name); }
  // Writes a file of ours and gives its path.
  std::string Write(const std::string& name, const std::string& content) const;
  std::string Read(const std::string& name) const;
  bool Exists(const std::string& name) const;
  const std::string& policy_path() const { return policy_path_; }
  Environment ClientEnvironment(const std::string& person) const;

 private:
  void MakeToken(const std::vector<TestTarget>& targets);
  void MakePolicy(const std::vector<TestTarget>& targets);
  std::string KeyPin(const std::string& label) const;

  TemporaryFolder folder_;
  std::string policy_path_;
  std::string address_;
  std::string log_key_;
  std::unique_ptr<Background> server_;
};

// Bytes 0, 1, 2, ... with a vector table in front that a bootloader takes:
// stack and reset vector for a slot whose code starts at 0x10100400.
std::string Payload(std::size_t size);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_INTEGRATION_INSTALLATION_H_

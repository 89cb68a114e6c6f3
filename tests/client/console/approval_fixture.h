// A console for approvers, and requests that wait for them.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_APPROVAL_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_APPROVAL_FIXTURE_H_

#include <string>
#include <vector>

#include "tests/client/console/console_fixture.h"

namespace bootseal::tests {

// Target "guarded" needs one of alice and bob.
class ConsoleApproval : public ConsoleTest {
 protected:
  void SetUp() override;
  std::string Key(const std::string& name) { return File(name + ".pem"); }
  // The console of `name`, with the key of `key`.
  void StartAs(const std::string& name, const std::string& key,
               const std::vector<std::string>& more = {});

  // 0 when it is released, 3 when it waits.
  int Ask(const std::string& version);
  void OpenRequest(const std::string& version);
  void Confirm(int question = 1);
  void Release(const std::string& version);

 private:
  void AddApprover(const std::string& name);
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_APPROVAL_FIXTURE_H_

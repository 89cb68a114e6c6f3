// `bootseal console` as a reviewer starts it, with a terminal of the test's.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_PROCESS_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_PROCESS_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace bootseal::tests {

class ConsoleProcess {
 public:
  // Its output goes to `log`. Waits until it has printed its first address; a
  // failure of the test otherwise.
  ConsoleProcess(const std::vector<std::string>& arguments,
                 const Environment& environment, std::string log);

  // With a ticket that serves once.
  const std::string& address() const { return address_; }
  int port() const;
  std::string Output() const;
  // The code that the terminal shows last; waits until there are `count`.
  std::string Code(int count = 1) const;

 private:
  std::string Matches(const std::string& pattern, int count) const;

  std::string log_;
  std::unique_ptr<Background> process_;
  std::string address_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_PROCESS_H_

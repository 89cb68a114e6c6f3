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
  // Its files go to `folder`. Waits until it has printed its first address; a
  // failure of the test otherwise.
  ConsoleProcess(const std::vector<std::string>& arguments,
                 const Environment& environment, const std::string& folder);
  ~ConsoleProcess();
  ConsoleProcess(const ConsoleProcess&) = delete;
  ConsoleProcess& operator=(const ConsoleProcess&) = delete;

  // With a ticket that serves once.
  const std::string& address() const { return address_; }
  int port() const;
  std::string Output() const;
  // A line on the terminal.
  void Type(const std::string& line);
  // Without its end.
  void TypeKeys(const std::string& text);
  // False when the terminal does not show `text` within ten seconds.
  bool WaitForOutput(const std::string& text) const;
  // The code of the `count`th question; "" when it is not asked within ten
  // seconds.
  std::string Code(int count = 1) const;

 private:
  // A pseudo-terminal; the path of the end that is the console's.
  std::string OpenTerminal();
  std::string Matches(const std::string& pattern, int count) const;

  std::string log_;
  int keyboard_ = -1;
  std::unique_ptr<Background> process_;
  std::string address_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_PROCESS_H_

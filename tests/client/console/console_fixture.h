// bootseald, `bootseal console` and a browser, as a reviewer has them.
// BOOTSEAL_SCREENSHOTS names a folder for pictures of every view.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/client/cli/online_fixture.h"
#include "tests/client/console/browser.h"
#include "tests/client/console/console_process.h"

namespace bootseal::tests {

class ConsoleTest : public OnlineTest {
 protected:
  // `bootseal console` of a caller of ServerFixture, and a browser.
  void Start(const std::string& caller,
             const std::vector<std::string>& arguments = {});
  // With the address that the terminal shows.
  void OpenPage();
  void Picture(const std::string& name);

  TemporaryFolder browser_folder_;
  Environment environment_;     // more of it, for the console
  bool opens_browser_ = false;  // with the environment's xdg-open
  std::unique_ptr<ConsoleProcess> console_;
  std::unique_ptr<Browser> browser_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_CONSOLE_FIXTURE_H_

#include "tests/client/console/console_fixture.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {

void ConsoleTest::Start(const std::string& caller,
                        const std::vector<std::string>& arguments) {
  Environment environment = server_.ClientEnvironment(caller);
  environment["BOOTSEAL_STATE"] = state_.path();
  environment["XDG_CONFIG_HOME"] = state_.path();
  for (const auto& [name, value] : environment_) environment[name] = value;
  std::vector<std::string> all = arguments;
  if (!opens_browser_) all.push_back("--no-browser");
  console_ = std::make_unique<ConsoleProcess>(all, environment, folder_.path());
  browser_ = std::make_unique<Browser>(browser_folder_.path());
}

void ConsoleTest::OpenPage() {
  browser_->Open(console_->address());
  ASSERT_TRUE(browser_->WaitForText("#where", "bootseal.example/test"));
}

void ConsoleTest::Picture(const std::string& name) {
  const char* const folder = std::getenv("BOOTSEAL_SCREENSHOTS");
  browser_->Screenshot(folder ? absl::StrCat(folder, "/", name, ".png")
                              : File(name + ".png"));
}

}  // namespace bootseal::tests

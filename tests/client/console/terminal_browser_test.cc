// The terminal beside the page: answers there, and what opens the browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/console/approval_fixture.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class ConsoleTerminal : public ConsoleApproval {};

TEST_F(ConsoleTerminal, TakesTheCodeOrANo) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "alice");
  OpenPage();
  OpenRequest("1.2.3");
  browser_->Click("#approve");
  ASSERT_FALSE(console_->Code(1).empty());
  console_->Type("y");
  ASSERT_TRUE(console_->WaitForOutput("the code of a question signs"));
  EXPECT_EQ(Ask("1.2.3"), 3);
  console_->Type("n");
  ASSERT_TRUE(browser_->WaitForText("#said", "Declined on the terminal"));
  EXPECT_EQ(Ask("1.2.3"), 3);
  browser_->Click("#approve");
  ASSERT_FALSE(console_->Code(2).empty());
  console_->Type(console_->Code(2));
  ASSERT_TRUE(browser_->WaitForText("#said", "in the log"));
  EXPECT_EQ(Ask("1.2.3"), 0);
}

TEST_F(ConsoleTerminal, SignsNoQuestionThatReplacedTheOneAnswered) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  ASSERT_EQ(Ask("1.2.4"), 3);
  StartAs("alice", "alice");
  OpenPage();
  const auto open = [this](const std::string& version) {
    // Not by a key, which the code's field would get.
    browser_->Run("location.hash = '#/waiting';");
    ASSERT_TRUE(browser_->WaitForText("tbody", "guarded " + version));
    browser_->Run(absl::StrCat(
        "[...document.querySelectorAll('a.row')].find((e) => e.textContent"
        " === 'guarded ",
        version, "').click();"));
    ASSERT_TRUE(browser_->WaitForText("h1", "guarded " + version));
    browser_->Click("#approve");
  };
  open("1.2.3");
  const std::string first = console_->Code(1);
  ASSERT_FALSE(first.empty());
  open("1.2.4");
  const std::string second = console_->Code(2);
  ASSERT_NE(second, first);  // one in a million
  console_->Type(first);
  ASSERT_TRUE(console_->WaitForOutput("not the code of the question"));
  EXPECT_EQ(Ask("1.2.3"), 3);
  EXPECT_EQ(Ask("1.2.4"), 3);
  console_->Type(second);
  ASSERT_TRUE(console_->WaitForOutput("Signed and in the log"));
  EXPECT_EQ(Ask("1.2.3"), 3);
  EXPECT_EQ(Ask("1.2.4"), 0);
}

// Half a line that was begun before would spoil, or be, the answer.
TEST_F(ConsoleTerminal, ThrowsAwayWhatWasTypedBeforeTheQuestion) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "alice");
  OpenPage();
  OpenRequest("1.2.3");
  console_->TypeKeys("n");
  browser_->Click("#approve");
  const std::string code = console_->Code(1);
  ASSERT_FALSE(code.empty());
  console_->Type(code);
  ASSERT_TRUE(browser_->WaitForText("#said", "in the log"));
  EXPECT_EQ(Ask("1.2.3"), 0);
}

// Those whose arguments have `text`; our own is none of them.
std::vector<std::string> ProcessesWith(const std::string& text) {
  std::vector<std::string> found;
  for (const fs::directory_entry& each : fs::directory_iterator("/proc")) {
    std::ifstream file(each.path() / "cmdline", std::ios::binary);
    std::ostringstream arguments;
    arguments << file.rdbuf();
    if (arguments.str().find(text) != std::string::npos) {
      found.push_back(each.path().string());
    }
  }
  return found;
}

TEST_F(ConsoleTerminal, OpensABrowserInWhoseArgumentsNoTicketStands) {
  // As xdg-open does it: the program stays, with what it was given.
  Write("xdg-open",
        absl::StrCat("#!/bin/sh\nprintf '%s' \"$1\" > ", File("opened.part"),
                     "; mv ", File("opened.part"), " ", File("opened"),
                     "; sleep 20; : \"$1\"\n"));
  fs::permissions(File("xdg-open"), fs::perms::owner_all);
  environment_["PATH"] = absl::StrCat(folder_.path(), ":", std::getenv("PATH"));
  environment_["XDG_RUNTIME_DIR"] = browser_folder_.path();
  opens_browser_ = true;
  Start("alice");
  for (int i = 0; i < 400 && !fs::exists(File("opened")); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  const std::string path = Read("opened");
  const std::string& address = console_->address();
  const std::string ticket = address.substr(address.rfind('=') + 1);
  EXPECT_FALSE(ProcessesWith(path).empty());  // the search finds what is there
  EXPECT_THAT(ProcessesWith(ticket), IsEmpty());
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0) << path;
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  browser_->Open("file://" + path);
  EXPECT_TRUE(browser_->WaitForText("#where", "bootseal.example/test"));
  EXPECT_EQ(browser_->Run("return location.pathname;"), "/");
  EXPECT_FALSE(fs::exists(path));
  EXPECT_FALSE(fs::exists(fs::path(path).parent_path()));
  EXPECT_THAT(ProcessesWith(ticket), IsEmpty());
}

}  // namespace
}  // namespace bootseal::tests

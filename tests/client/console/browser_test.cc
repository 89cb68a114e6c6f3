// Reading the log in a browser: bootseald, `bootseal console` and Chromium.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/console/console_fixture.h"
#include "tests/client/console/hostile_page.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class ConsolePage : public ConsoleTest {
 protected:
  // A log with releases and refusals in it.
  void SetUp() override {
    server_.Start();
    ASSERT_EQ(Sign("ci", {"-o", File("a")}).exit_code, 0);
    ASSERT_EQ(Sign("developer").exit_code, 1);
    ASSERT_EQ(Bootseal("ci", {"audit", "list"}).exit_code, 1);
    ASSERT_EQ(Bootseal("ci", {"sign", "--target", "app", "--version", "1.2.4",
                              File("app.bin")})
                  .exit_code,
              0);
  }
  void OpenLog() {
    OpenPage();
    browser_->Press({"l"});
    ASSERT_TRUE(browser_->WaitForText("tbody", "app 1.2.4"));
  }
};

TEST_F(ConsolePage, ListsTheLogAndFiltersIt) {
  Start("auditor");
  OpenLog();
  EXPECT_THAT(browser_->TextOf("tbody"), HasSubstr("allowed"));
  EXPECT_THAT(browser_->TextOf("tbody"), HasSubstr("refused"));
  Picture("log");
  browser_->Click("#filter-decision");
  browser_->Type("refused");
  browser_->Press({keys::kEnter});
  browser_->Click(".filter button");
  ASSERT_TRUE(browser_->WaitForText(".quiet", "A search"));
  EXPECT_THAT(browser_->TextOf("tbody"), Not(HasSubstr("allowed")));
  EXPECT_THAT(browser_->TextOf("tbody"), HasSubstr("developer"));
  Picture("filtered");
}

TEST_F(ConsolePage, VerifiesTheProofOfAnEntry) {
  Start("auditor");
  OpenLog();
  browser_->Click("a.row");
  ASSERT_TRUE(browser_->WaitForText(".proof h2", "verified"));
  EXPECT_EQ(browser_->TextOf(".proof h2"), "Proof verified in this browser");
  EXPECT_EQ(browser_->Run("return document.querySelectorAll('.proof li.passed')"
                          ".length;"),
            "4");
  EXPECT_THAT(browser_->TextOf(".fields"), HasSubstr("1.2.4"));
  Picture("entry");
  browser_->Resize(390, 844);
  Picture("entry-narrow");
  browser_->PreferDark();
  Picture("entry-narrow-dark");
}

TEST_F(ConsolePage, SaysThatALogOfAnotherKeyIsNotVerified) {
  const ServerFixture other;
  Start("auditor", {"--log-key", other.log_key()});
  OpenLog();
  browser_->Click("a.row");
  ASSERT_TRUE(browser_->WaitForText(".proof h2", "NOT verified"));
  EXPECT_THAT(browser_->TextOf(".proof li.failed"),
              HasSubstr("did not sign the checkpoint"));
  Picture("not-verified");
}

TEST_F(ConsolePage, SaysWhenTheBrowserLacksEd25519) {
  Start("auditor");
  browser_->BeforeEveryPage(
      "const real = crypto.subtle.importKey.bind(crypto.subtle);"
      "crypto.subtle.importKey = (format, key, algorithm, ...rest) =>"
      "  algorithm === 'Ed25519'"
      "    ? Promise.reject(new DOMException('no', 'NotSupportedError'))"
      "    : real(format, key, algorithm, ...rest);");
  OpenLog();
  browser_->Click("a.row");
  ASSERT_TRUE(browser_->WaitForText(".proof h2", "Not verified by this"));
  EXPECT_THAT(browser_->TextOf(".proof"), HasSubstr("lacks Ed25519"));
  EXPECT_THAT(browser_->TextOf(".proof"),
              HasSubstr("bootseal console, on this machine, has verified"));
}

TEST_F(ConsolePage, NeedsNoMouse) {
  Start("auditor");
  OpenPage();
  const auto focused = [this] {
    return browser_->Run("return document.activeElement.textContent;");
  };
  browser_->Press({"l"});
  ASSERT_TRUE(browser_->WaitForText("tbody", "app 1.2.4"));
  browser_->Press({"j"});
  const std::string first = focused();
  browser_->Press({"j", keys::kDown});
  EXPECT_EQ(focused(), absl::StrCat(std::stoi(first) - 2));
  browser_->Press({"k", keys::kUp});
  EXPECT_EQ(focused(), first);
  EXPECT_EQ(browser_->Run("return getComputedStyle(document.activeElement)"
                          ".outlineStyle;"),
            "solid");
  browser_->Press({keys::kEnter});
  ASSERT_TRUE(browser_->WaitForText(".proof h2", "verified"));
  browser_->Press({keys::kEscape});
  ASSERT_TRUE(browser_->WaitForText("tbody", "app 1.2.4"));
  browser_->Press({"/"});
  EXPECT_EQ(browser_->Run("return document.activeElement.id;"),
            "filter-target");
  // Letters in a field are letters.
  browser_->Type("wljkr");
  EXPECT_EQ(browser_->Run("return document.activeElement.value;"), "wljkr");
  browser_->Press({keys::kEnter});
  EXPECT_TRUE(browser_->WaitForText(".quiet", "Nothing matches"));
  browser_->Press({keys::kEscape, "w"});
  EXPECT_TRUE(browser_->WaitFor("return location.hash === '#/waiting';"));
}

TEST_F(ConsolePage, ReachesEveryControlByTab) {
  Start("auditor");
  OpenLog();
  const std::string wanted = browser_->Run(
      "return [...document.querySelectorAll('a, button, input, select')]"
      ".filter((e) => e.offsetParent !== null || e.id === 'skip').length;");
  browser_->Run("document.activeElement.blur(); window.reached = new Set();");
  for (int i = 0; i < std::stoi(wanted) * 8; ++i) {
    browser_->Press({keys::kTab});
    browser_->Run("reached.add(document.activeElement);");
  }
  EXPECT_EQ(
      browser_->Run("return [...document.querySelectorAll('a, button, input, "
                    "select')].filter((e) => !reached.has(e)).length;"),
      "0");
  EXPECT_EQ(
      browser_->Run("return [...document.querySelectorAll('input, select')]"
                    ".filter((e) => e.labels.length === 0).length;"),
      "0");
}

TEST_F(ConsolePage, ServesAnAddressOnceAndKeepsTheTabThatHadIt) {
  Start("auditor");
  OpenLog();
  EXPECT_THAT(browser_->Run("return location.href;"), Not(HasSubstr("ticket")));
  browser_->Open("about:blank");
  browser_->Open(absl::StrCat("http://127.0.0.1:", console_->port(), "/#/log"));
  EXPECT_TRUE(browser_->WaitForText("tbody", "app 1.2.4"));
  browser_->Run("sessionStorage.clear();");
  browser_->Open("about:blank");
  browser_->Open(console_->address());
  EXPECT_TRUE(browser_->WaitForText(".problem", "TICKET_INVALID"));
  EXPECT_THAT(browser_->TextOf("#main"), Not(HasSubstr("1.2.4")));
}

TEST_F(ConsolePage, GivesAHostilePageNothing) {
  Start("auditor");
  OpenLog();
  const HostilePage hostile(console_->port(), std::string(64, 'a'));
  browser_->Open(hostile.address());
  ASSERT_TRUE(browser_->WaitFor("return window.results?.over;"));
  for (const char* attempt :
       {"read", "read page", "read with token", "opaque read", "post json",
        "post plain", "script", "image", "frame", "window"}) {
    const std::string got =
        browser_->Run(absl::StrCat("return results['", attempt, "'];"));
    EXPECT_EQ(got, "failed") << attempt;
  }
  EXPECT_THAT(console_->Output(), Not(HasSubstr("The page asks")));
}

TEST_F(ConsolePage, ShowsTextOfOthersAsText) {
  const std::string html = "<img src=x onerror=document.title=1>";
  ASSERT_EQ(Bootseal("ci", {"sign", "--target", html, "--version", "1",
                            File("app.bin")})
                .exit_code,
            1);
  Start("auditor");
  OpenLog();
  browser_->Click("a.row");
  ASSERT_TRUE(browser_->WaitForText(".proof h2", "verified"));
  EXPECT_THAT(browser_->TextOf(".fields"), HasSubstr(html));
  EXPECT_EQ(browser_->Run("return document.querySelectorAll('main img')"
                          ".length;"),
            "0");
}

TEST_F(ConsolePage, SaysWhyTheLogIsNotShown) {
  Start("ci");
  OpenPage();
  browser_->Press({"l"});
  EXPECT_TRUE(browser_->WaitForText(".problem", "WRONG_ROLE"));
}

}  // namespace
}  // namespace bootseal::tests

// Approving and denying in a browser, with the approver's own key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/console/approval_fixture.h"
#include "tests/client/console/hostile_page.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(ConsoleApproval, ApprovesWithTheCodeOfTheTerminal) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "alice");
  OpenPage();
  Picture("waiting");
  OpenRequest("1.2.3");
  EXPECT_EQ(browser_->TextOf(".proof h2"), "Proof verified in this browser");
  EXPECT_EQ(Ask("1.2.3"), 3);
  browser_->Click("#approve");
  ASSERT_TRUE(
      browser_->WaitFor("return document.querySelector('#code') !== null;"));
  const std::string subject =
      browser_->Run("return location.hash.split('/')[2];");
  for (const std::string& text :
       {std::string("APPROVE"), std::string("guarded"), std::string("1.2.3"),
        subject, std::string("alice")}) {
    EXPECT_TRUE(console_->WaitForOutput(text)) << text;
  }
  EXPECT_EQ(Ask("1.2.3"), 3);
  Picture("confirm");
  Confirm();
  Picture("approved");
  EXPECT_EQ(Ask("1.2.3"), 0);
}

TEST_F(ConsoleApproval, ShowsWhatChangedSinceTheLastRelease) {
  StartAs("alice", "alice");
  OpenPage();
  Release("1.2.3");
  ASSERT_EQ(Ask("1.2.4"), 3);
  OpenRequest("1.2.4");
  EXPECT_THAT(browser_->TextOf("tr.changed"), HasSubstr("version"));
  EXPECT_THAT(browser_->TextOf("tr.changed"), HasSubstr("1.2.3"));
  EXPECT_THAT(browser_->TextOf("tr.changed"), HasSubstr("1.2.4"));
  EXPECT_THAT(browser_->TextOf("tbody"), HasSubstr("same"));
  Picture("request");
  browser_->Resize(390, 844);
  Picture("request-narrow");
}

TEST_F(ConsoleApproval, CountsAndProvesForWhoMayReadTheLog) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  Start("auditor");
  OpenPage();
  OpenRequest("1.2.3");
  EXPECT_THAT(browser_->TextOf("#approvals"), HasSubstr("0 of 1 approvals"));
  EXPECT_THAT(browser_->TextOf("#approvals"),
              HasSubstr("counted on this machine by the policy in entry"));
  EXPECT_THAT(browser_->TextOf("#main"), Not(HasSubstr("counts otherwise")));
  const Outcome shown = Bootseal("auditor", {"approvals", "show", "1.2.3"});
  EXPECT_THAT(shown.out, HasSubstr("0/1; counted here, by policy version"));
  Picture("request-proven");
}

TEST_F(ConsoleApproval, SaysWhatTheServerAloneSays) {
  StartAs("alice", "alice");
  OpenPage();
  Release("1.2.3");
  ASSERT_EQ(Ask("1.2.4"), 3);
  OpenRequest("1.2.4");
  EXPECT_THAT(browser_->TextOf("#approvals"), HasSubstr("as the server says"));
  EXPECT_THAT(browser_->TextOf("#main"), HasSubstr("nothing of it is proven"));
  const Outcome shown = Bootseal("alice", {"approvals", "show", "1.2.4"});
  EXPECT_THAT(shown.out, HasSubstr("0/1; says the server"));
}

TEST_F(ConsoleApproval, ProvesTheLastReleaseForWhoMayReadTheLog) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  const Outcome approved =
      Bootseal("alice", {"approvals", "approve", "1.2.3", "--yes", "--key",
                         Key("alice"), "--approver", "alice"});
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  ASSERT_EQ(Ask("1.2.3"), 0);
  ASSERT_EQ(Ask("1.2.4"), 3);
  Start("auditor");
  OpenPage();
  OpenRequest("1.2.4");
  EXPECT_THAT(browser_->TextOf("#main"), HasSubstr("which is in the log"));
}

TEST_F(ConsoleApproval, ComputesTheDigestFromTheReviewersOwnFile) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  Start("alice");
  OpenPage();
  OpenRequest("1.2.3");
  browser_->TypeInto("#payload-file", File("app.bin"));
  ASSERT_TRUE(browser_->WaitForText(".said", "the same as in the request"));
  Write("other.bin", Payload(5001));
  browser_->TypeInto("#payload-file", File("other.bin"));
  EXPECT_TRUE(browser_->WaitForText(".said", "NOT that of the request"));
  const std::string commands = browser_->Run(
      "return [...document.querySelectorAll('pre')]"
      ".find((e) => e.textContent.includes('payload.bin')).textContent;");
  const std::string digest = browser_->Run(
      "return document.querySelector('.digest code')"
      ".textContent;");
  const Outcome computed =
      tests::Run({"sh", "-c",
                  absl::StrCat("cd ", folder_.path(),
                               " && cp app.bin payload.bin && ", commands)});
  EXPECT_THAT(computed.out, HasSubstr(digest)) << commands << computed.err;
}

TEST_F(ConsoleApproval, DeniesWithTheKeyboardAlone) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "alice");
  OpenPage();
  OpenRequest("1.2.3");
  const auto tab_to = [this](const std::string& id) {
    for (int i = 0; i < 40; ++i) {
      if (browser_->Run("return document.activeElement.id;") == id) return true;
      browser_->Press({keys::kTab});
    }
    return false;
  };
  ASSERT_TRUE(tab_to("deny"));
  browser_->Press({keys::kEnter});
  ASSERT_TRUE(browser_->WaitForText("#said", "REASON_MISSING"));
  ASSERT_EQ(browser_->Run("return document.activeElement.id;"), "reason");
  browser_->Type("not yet");
  ASSERT_TRUE(tab_to("deny"));
  browser_->Press({keys::kEnter});
  ASSERT_TRUE(console_->WaitForOutput("not yet"));
  EXPECT_THAT(console_->Output(), HasSubstr("DENY"));
  Confirm();
  EXPECT_EQ(Ask("1.2.3"), 1);
}

TEST_F(ConsoleApproval, SignsNothingForWrongCodes) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "alice");
  OpenPage();
  OpenRequest("1.2.3");
  browser_->Click("#approve");
  ASSERT_TRUE(
      browser_->WaitFor("return document.querySelector('#code') !== null;"));
  const std::string wrong = console_->Code() == "000000" ? "111111" : "000000";
  for (const char* said : {"2 tries left", "1 try left"}) {
    browser_->Type(wrong);
    browser_->Press({keys::kEnter});
    ASSERT_TRUE(browser_->WaitForText("#said", said));
  }
  browser_->Type(wrong);
  browser_->Press({keys::kEnter});
  ASSERT_TRUE(browser_->WaitForText("#said", "Nothing was signed"));
  EXPECT_EQ(Ask("1.2.3"), 3);
}

TEST_F(ConsoleApproval, KeepsTheReadersPlaceWhenAListIsAskedForAnew) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  Start("alice");
  OpenPage();
  ASSERT_TRUE(browser_->WaitForText("tbody", "guarded 1.2.3"));
  browser_->Press({"j"});
  browser_->Run("document.querySelector('a.row').dataset.old = '1';");
  browser_->Press({"r"});
  ASSERT_TRUE(
      browser_->WaitFor("const row = document.querySelector('a.row');"
                        "return row !== null && !row.dataset.old;"));
  EXPECT_TRUE(
      browser_->WaitFor("return document.activeElement.matches('a.row');"));
}

TEST_F(ConsoleApproval, OnlyShowsWithoutAKey) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  Start("alice");
  OpenPage();
  OpenRequest("1.2.3");
  browser_->Click("#approve");
  EXPECT_TRUE(browser_->WaitForText("#said", "APPROVER_KEY_MISSING"));
  EXPECT_THAT(console_->Output(), Not(HasSubstr("The page asks")));
}

TEST_F(ConsoleApproval, OffersNothingToWhoMayNotApprove) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  Start("auditor", {"--key", Key("alice")});
  OpenPage();
  OpenRequest("1.2.3");
  EXPECT_THAT(browser_->TextOf("#main"), HasSubstr("does not let you"));
  EXPECT_EQ(browser_->Run("return document.querySelectorAll('#approve')"
                          ".length;"),
            "0");
}

TEST_F(ConsoleApproval, SaysWhenTheServerRefusesTheKey) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "bob");
  OpenPage();
  OpenRequest("1.2.3");
  browser_->Click("#approve");
  ASSERT_TRUE(
      browser_->WaitFor("return document.querySelector('#code') !== null;"));
  browser_->Type(console_->Code());
  browser_->Press({keys::kEnter});
  EXPECT_TRUE(browser_->WaitForText("#said", "APPROVER_DIFFERS"));
  EXPECT_EQ(Ask("1.2.3"), 3);
}

// A request of another log, as a server would show it that lies.
TEST_F(ConsoleApproval, AsksNothingAboutARequestThatItsLogKeyDoesNotProve) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  const ServerFixture other;
  StartAs("alice", "alice", {"--log-key", other.log_key()});
  OpenPage();
  OpenRequest("1.2.3");
  EXPECT_EQ(browser_->TextOf(".proof h2"), "NOT verified");
  browser_->Click("#approve");
  EXPECT_TRUE(browser_->WaitForText("#said", "LOG_KEY_MISMATCH"));
  EXPECT_THAT(console_->Output(), Not(HasSubstr("The page asks")));
}

TEST_F(ConsoleApproval, IsBeyondAHostilePage) {
  ASSERT_EQ(Ask("1.2.3"), 3);
  StartAs("alice", "alice");
  OpenPage();
  OpenRequest("1.2.3");
  const HostilePage hostile(
      console_->port(), browser_->Run("return location.hash.split('/')[2];"));
  browser_->Open(hostile.address());
  ASSERT_TRUE(browser_->WaitFor("return window.results?.over;"));
  EXPECT_EQ(browser_->Run("return results['post json'];"), "failed");
  EXPECT_EQ(browser_->Run("return results['read'];"), "failed");
  EXPECT_THAT(console_->Output(), Not(HasSubstr("The page asks")));
  EXPECT_EQ(Ask("1.2.3"), 3);
}

}  // namespace
}  // namespace bootseal::tests

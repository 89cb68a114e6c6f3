#include "tests/client/console/approval_fixture.h"

namespace bootseal::tests {

void ConsoleApproval::SetUp() {
  AddApprover("alice");
  AddApprover("bob");
  v1::Target& target = server_.AddTarget("guarded", "app");
  target.set_approvals(1);
  target.add_approvers("release-manager");
  server_.Start();
}

void ConsoleApproval::AddApprover(const std::string& name) {
  ASSERT_EQ(tests::Run({"openssl", "genpkey", "-algorithm", "ed25519", "-out",
                        Key(name)})
                .exit_code,
            0);
  v1::Person& person = server_.AddPerson(name, "release-manager");
  person.add_approver_keys()->set_public_key(
      tests::Run({"openssl", "pkey", "-pubout", "-in", Key(name)}).out);
}

void ConsoleApproval::StartAs(const std::string& name, const std::string& key,
                              const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"--key", Key(key), "--approver", name};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Start(name, arguments);
}

int ConsoleApproval::Ask(const std::string& version) {
  return Bootseal("ci", {"sign", "--target", "guarded", "--version", version,
                         "--request-id", version, "-o", File("guarded"),
                         File("app.bin")})
      .exit_code;
}

void ConsoleApproval::OpenRequest(const std::string& version) {
  browser_->Press({"w"});
  ASSERT_TRUE(browser_->WaitForText("tbody", "guarded " + version));
  browser_->Press({"j", keys::kEnter});
  ASSERT_TRUE(browser_->WaitForText("h1", "guarded " + version));
  ASSERT_TRUE(browser_->WaitForText(".proof h2", "erified"));
}

void ConsoleApproval::Confirm(int question) {
  ASSERT_TRUE(
      browser_->WaitFor("return document.querySelector('#code') !== null;"));
  browser_->Type(console_->Code(question));
  browser_->Press({keys::kEnter});
  ASSERT_TRUE(browser_->WaitForText("#said", "in the log"));
}

void ConsoleApproval::Release(const std::string& version) {
  ASSERT_EQ(Ask(version), 3);
  OpenRequest(version);
  browser_->Click("#approve");
  Confirm();
  ASSERT_EQ(Ask(version), 0);
}

}  // namespace bootseal::tests

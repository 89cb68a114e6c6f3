// bootseal sign --component: against a real server, and what it made against
// tools of others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "firmware/image/host/fip_package.h"
#include "tests/client/cli/package_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(PackageCommand, MakesThePackageThatOthersReadAndDevicesStart) {
  const Outcome made = SignPackage("board", {"--receipt", File("receipt")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("NV counter"));
  EXPECT_THAT(made.out, HasSubstr("tos-fw-extra1"));
  // Every image as it was, and a package as fiptool makes it of the same files.
  Make({"fiptool", "unpack", "--out", File(""), "--force", File("board.fip")});
  std::vector<std::string> words{"fiptool", "create", "--align", "512"};
  for (const auto& [name, content] : files_) {
    EXPECT_EQ(Read(name + ".bin"), content) << name;
    words.push_back("--" + name);
    words.push_back(File(name + ".bin"));
  }
  for (const char* name : {"trusted-key-cert", "tos-fw-key-cert",
                           "nt-fw-key-cert", "tos-fw-cert", "nt-fw-cert"}) {
    words.push_back(absl::StrCat("--", name));
    words.push_back(File(absl::StrCat(name, ".bin")));
  }
  words.push_back("--blob");
  words.push_back(
      absl::StrCat("uuid=501d8dd2-8bce-49a5-84eb-559a9f2eaeaf,file=",
                   File("501D8DD2-8BCE-49A5-84EB-559A9F2EAEAF.bin")));
  words.push_back(File("again.fip"));
  Make(words);
  EXPECT_EQ(Read("again.fip"), Read("board.fip"));
  PublicKey("root");
  const Outcome checked =
      Bootseal("ci", {"fip", "check", "--root-key", File("root.pem"),
                      "--counter", "1", File("board.fip")});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
}

TEST_F(PackageCommand, IsProvenOfflineByProfileAndReceipt) {
  Export("board", "profile");
  Export("plain", "plain");
  ASSERT_EQ(SignPackage("board", {"--receipt", File("receipt")}).exit_code, 0);
  const Outcome good =
      Verify("profile", "board.fip", {"--receipt", File("receipt")});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("bootable for target board"));
  EXPECT_THAT(good.out, HasSubstr("NV counter 1, in the log"));
  // Of the same root, with another key below it.
  const Outcome other = Verify("plain", "board.fip");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.out, HasSubstr("CERTIFICATE_KEY_UNKNOWN"));
  const Outcome explained = Verify("profile", "board.fip", {}, "explain");
  EXPECT_EQ(explained.exit_code, 0) << explained.out;
  const Outcome low = Verify("profile", "board.fip",
                             {"--device-security-counter", "2"}, "explain");
  EXPECT_EQ(low.exit_code, 1);
  EXPECT_THAT(low.out, HasSubstr("counter 1; expected 2 to 1024"));
  // The receipt of another package.
  ASSERT_EQ(SignPackage("board", {}, "2").exit_code, 0);
  const Outcome foreign =
      Verify("profile", "board.fip", {"--receipt", File("receipt")});
  EXPECT_EQ(foreign.exit_code, 1);
  EXPECT_THAT(foreign.err, HasSubstr("RECEIPT_MISMATCH"));
}

TEST_F(PackageCommand, NoByteOfAnImageOrACertificateMayChange) {
  Export("board", "profile");
  ASSERT_EQ(SignPackage("board").exit_code, 0);
  const std::string good = Read("board.fip");
  const auto entries = image::host::ListFip(good);
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 11u);
  for (const auto& entry : *entries) {
    std::string bad = good;
    const std::size_t at = entry.offset + entry.content.size() - 1;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    Write("bad.fip", bad);
    const Outcome verified = Verify("profile", "bad.fip");
    EXPECT_EQ(verified.exit_code, 1)
        << image::host::FormatFipUuid(entry.uuid) << verified.out;
  }
}

TEST_F(PackageCommand, TheSameRequestGivesTheSamePackage) {
  ASSERT_EQ(SignPackage("board", {"--request-id", "r-1"}).exit_code, 0);
  const std::string first = Read("board.fip");
  const Outcome again = SignPackage("board", {"--request-id", "r-1"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(Read("board.fip"), first);
  const Outcome other = SignPackage(
      "board", {"--request-id", "r-1", "--valid-from", "2027-01-01T00:00:00Z"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("REQUEST_ID_REUSED"));
  EXPECT_EQ(
      SignPackage("board", {"--valid-from", "2027-01-01T00:00:00Z"}).exit_code,
      0);
  EXPECT_NE(Read("board.fip"), first);
}

TEST_F(PackageCommand, WaitsForApprovals) {
  const Outcome asked = SignPackage("guarded", {"--request-id", "first"});
  EXPECT_EQ(asked.exit_code, 3) << asked.err;
  EXPECT_THAT(Files(), Not(Contains("board.fip")));
  const Outcome shown = Bootseal("alice", {"approvals", "show", "first"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* name : {"stm32mp-cfg-cert", "trusted-key-cert",
                           "tos-fw-key-cert", "tos-fw-cert", "nt-fw-key-cert",
                           "nt-fw-cert", "image nt-fw", "by key tee"}) {
    EXPECT_THAT(shown.out, HasSubstr(name));
  }
  // The commands that are shown print the digests, out of our own builds.
  const std::string commands =
      shown.out.substr(shown.out.find("says OK to each):\n") + 18);
  for (const auto& [name, content] : files_) Write(name + ".bin", content);
  const Outcome computed = tests::Run(
      {"bash", "-euc", absl::StrCat("cd \"$1\"\n", commands), "-", File("")});
  EXPECT_EQ(computed.exit_code, 0) << computed.out << computed.err;
  const Outcome json =
      Bootseal("alice", {"--json", "approvals", "show", "first"});
  std::size_t digests = 0;
  for (const absl::string_view line : absl::StrSplit(computed.out, '\n')) {
    const std::string digest(line.substr(0, line.find(' ')));
    if (digest.size() != 64) continue;
    EXPECT_THAT(json.out,
                HasSubstr(absl::StrCat("\"digest\":\"", digest, "\"")));
    ++digests;
  }
  EXPECT_EQ(digests, 6u);
  const auto approve = [&](const std::string& component) {
    return Bootseal("alice", {"approvals", "approve", "first", "--yes", "--key",
                              File("alice.pem"), "--component", component});
  };
  EXPECT_THAT(approve("nt-fw=" + File("tos-fw")).err,
              HasSubstr("COMPONENT_MISMATCH"));
  EXPECT_THAT(approve("soc-fw=" + File("tos-fw")).err,
              HasSubstr("COMPONENT_MISMATCH"));
  const Outcome approved = approve("nt-fw=" + File("nt-fw"));
  EXPECT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_EQ(SignPackage("guarded").exit_code, 0);
  Export("guarded", "profile");
  EXPECT_EQ(Verify("profile", "board.fip").exit_code, 0);
}

TEST_F(PackageCommand, LeavesNothingWhenItIsRefused) {
  const auto expect = [&](const Outcome& outcome, int exit,
                          const char* reason) {
    EXPECT_EQ(outcome.exit_code, exit) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_THAT(Files(), Not(Contains("board.fip")));
  };
  expect(SignPackage("board", {"--non-trusted-counter", "2"}), 1,
         "COUNTERS_DIFFER");
  expect(SignPackage("board", {}, "1025"), 1, "SECURITY_COUNTER_TOO_HIGH");
  expect(SignPackage("board", {"--component", "nt-fw=" + File("nt-fw")}), 2,
         "COMPONENT_TWICE");
  expect(SignPackage("board", {"--component", "soc-fw=" + File("nt-fw")}), 2,
         "COMPONENT_UNKNOWN");
  expect(SignPackage("board", {"--component", "nt-fw"}), 2,
         "COMPONENT_INVALID");
  expect(SignPackage("board", {"--valid-from", "today"}), 2,
         "VALID_FROM_INVALID");
  expect(SignPackage("board", {"--otp", File("otp")}), 2,
         "OPTION_NOT_OF_PACKAGE");
  expect(SignPackage("board", {"--embed-receipt"}), 2, "OPTION_NOT_OF_PACKAGE");
  Export("board", "kept");
  expect(SignPackage("board",
                     {"--profile", File("kept"), "--receipt", File("kept")}),
         2, "OUTPUT_IS_INPUT");
  expect(SignPackage("board", {"--receipt", File("nt-fw")}), 2,
         "OUTPUT_IS_INPUT");
  expect(SignPackage("board", {File("app.bin")}), 2, "PAYLOAD_MISSING");
  expect(SignPackage("stage"), 1, "COMPONENTS_NOT_OF_TARGET");
  expect(SignPackage("app"), 1, "COMPONENTS_NOT_OF_TARGET");
  expect(Bootseal("ci", {"sign", "--target", "board", "--version", "1.2.3",
                         "--security-counter", "1", "-o", File("board.fip"),
                         File("app.bin")}),
         1, "COMPONENT_MISSING");
  expect(Bootseal("ci", {"sign", "--target", "board", "--version", "1.2.3"}), 2,
         "PAYLOAD_MISSING");
  Write("nt-fw", "");
  expect(SignPackage("board"), 1, "COMPONENT_EMPTY");
  Write("nt-fw", std::string(300 << 10, 'x'));
  expect(SignPackage("board"), 1, "COMPONENT_TOO_LARGE");
  Write("nt-fw", "STM2 and more");
  expect(SignPackage("board"), 1, "ALREADY_A_FIRST_STAGE");
}

// The root key that we kept is the one that counts.
TEST_F(PackageCommand, HoldsTheServersKeysAgainstOurProfile) {
  Export("app", "app.profile");
  Export("board", "profile");
  Export("plain", "plain");
  std::string forged = Read("plain");
  for (std::size_t at; (at = forged.find("\"plain\"")) != std::string::npos;) {
    forged.replace(at, 7, "\"board\"");
  }
  Write("forged", forged);
  const Outcome outcome = SignPackage("board", {"--profile", File("forged")});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("CERTIFICATE_KEY_UNKNOWN"));
  EXPECT_THAT(Files(), Not(Contains("board.fip")));
  EXPECT_EQ(SignPackage("board", {"--profile", File("plain")}).exit_code, 1);
  EXPECT_EQ(SignPackage("board", {"--profile", File("profile")}).exit_code, 0);
}

// Whoever reads the log later sees and verifies every signature.
TEST_F(PackageCommand, LeavesALogThatIsProven) {
  const Outcome made = SignPackage("board", {"--receipt", File("receipt")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ASSERT_EQ(SignStage("stage").exit_code, 0);
  const Outcome verified = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const Outcome listed =
      Bootseal("auditor", {"--json", "audit", "list", "--target", "board"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  const std::size_t at = listed.out.find("\"index\":");
  ASSERT_NE(at, std::string::npos) << listed.out;
  const std::string index =
      listed.out.substr(at + 8, listed.out.find_first_of(",}", at) - at - 8);
  const Outcome shown = Bootseal("auditor", {"audit", "show", index});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* name :
       {"stm32mp-cfg-cert", "trusted-key-cert", "tos-fw-key-cert",
        "tos-fw-cert", "nt-fw-key-cert", "nt-fw-cert", "image hw-config"}) {
    EXPECT_THAT(shown.out, HasSubstr(name));
  }
}

TEST_F(PackageCommand, TargetsAreListedAndChecked) {
  const Outcome listed = Bootseal("ci", {"targets", "list"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("fip"));
  EXPECT_THAT(listed.out, HasSubstr("stm32_header"));
  const Outcome explained =
      Bootseal("ci", {"policy", "explain", "--target", "board", "--version",
                      "1.2.3", "--security-counter", "1"});
  EXPECT_EQ(explained.exit_code, 0) << explained.out << explained.err;
  const Outcome rules =
      Bootseal("ci", {"targets", "export", "board", "--format", "c++"});
  EXPECT_NE(rules.exit_code, 0);
}

}  // namespace
}  // namespace bootseal::tests

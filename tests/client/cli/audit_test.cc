// Reading and proving the log, and the other commands that only read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "hsm/algorithm.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using AuditTest = OnlineTest;
using ReadingTest = OnlineTest;

TEST_F(AuditTest, ListsReleasesAndRefusals) {
  server_.Start();
  ASSERT_EQ(Sign("ci").exit_code, 0);
  ASSERT_EQ(Sign("developer").exit_code, 1);
  const Outcome all = Bootseal("auditor", {"audit", "list"});
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("app 1.2.3"));
  EXPECT_THAT(all.out, HasSubstr("allowed"));
  EXPECT_THAT(all.out, HasSubstr("refused"));
  const Outcome refused =
      Bootseal("auditor", {"audit", "list", "--json", "--decision", "refused"});
  EXPECT_THAT(refused.out, HasSubstr("\"decision\":\"refused\""));
  EXPECT_THAT(refused.out, Not(HasSubstr("\"decision\":\"allowed\"")));
}

TEST_F(AuditTest, IsForThoseWhoMayReadIt) {
  server_.Start();
  const Outcome outcome = Bootseal("ci", {"audit", "list"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("bootseal: "));
}

TEST_F(AuditTest, ListsWhoReadWithoutTheRightTo) {
  server_.Start();
  ASSERT_EQ(Bootseal("ci", {"audit", "list"}).exit_code, 1);
  ASSERT_EQ(Bootseal("developer",
                     {"policy", "explain", "--target", "app", "--version", "1"})
                .exit_code,
            1);
  const Outcome list =
      Bootseal("auditor", {"audit", "list", "--decision", "refused"});
  ASSERT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("ci         access"));
  EXPECT_THAT(list.out,
              HasSubstr("refused: AuditService.ListEntries: identity ci"));
  EXPECT_THAT(list.out, HasSubstr("refused: SigningService.Evaluate: "));
  const Outcome json =
      Bootseal("auditor", {"audit", "list", "--json", "--target", "app"});
  EXPECT_THAT(json.out, HasSubstr("\"event\":\"access\",\"access\":{\"rpc\":"
                                  "\"SigningService.Evaluate\",\"target\":"
                                  "\"app\",\"decision\":\"refused\",\"rule\":"
                                  "\"target.requesters\",\"reason\":\""));
}

TEST_F(AuditTest, ShowsAndCountsWhoReadWithoutTheRightTo) {
  server_.Start();
  ASSERT_EQ(Bootseal("ci", {"keys", "list"}).exit_code, 1);
  ASSERT_EQ(Sign("developer").exit_code, 1);
  const Outcome shown = Bootseal("auditor", {"audit", "show", "2"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  for (const char* row :
       {"identity +ci", "call +KeyService[.]ListKeys", "decision +refused",
        "rule +roles[.]permissions", "READ_KEYS is given to auditor",
        "policy in force +version 1"}) {
    EXPECT_THAT(shown.out, ContainsRegex(row));
  }
  const Outcome verified = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out, ContainsRegex("refusals +2\n"));
  const Outcome json = Bootseal("auditor", {"audit", "verify", "--json"});
  EXPECT_THAT(json.out, HasSubstr("\"refusals\":2"));
}

TEST_F(AuditTest, ShowsAnEntryThatItCanProve) {
  server_.Start();
  const Outcome shown = Bootseal("auditor", {"audit", "show", "0"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  const ServerFixture other;
  const Outcome unproven =
      Bootseal("auditor", {"audit", "show", "0", "--log-key", other.log_key()});
  EXPECT_EQ(unproven.exit_code, 1);
  EXPECT_THAT(unproven.err, HasSubstr("not signed by our log key"));
  EXPECT_EQ(Bootseal("auditor", {"audit", "show", "999"}).exit_code, 1);
}

TEST_F(AuditTest, TailStopsAfterTheCount) {
  server_.Start();
  ASSERT_EQ(Sign("ci").exit_code, 0);
  const Outcome outcome = Bootseal(
      "auditor", {"audit", "tail", "--json", "--start", "0", "--count", "2"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("{\"index\":0,"));
  EXPECT_THAT(outcome.out, HasSubstr("{\"index\":1,"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("{\"index\":2,")));
}

TEST_F(AuditTest, VerifyProvesTheWholeLogAndRemembersIt) {
  server_.AddKey("slow", hsm::Algorithm::kEd25519);
  server_.AddTarget("second", "slow");
  server_.Start();
  ASSERT_EQ(Sign("ci").exit_code, 0);
  ASSERT_EQ(Bootseal("ci", {"sign", "--target", "second", "--version", "2",
                            File("app.bin")})
                .exit_code,
            0);
  const Outcome first = Bootseal("auditor", {"audit", "verify", "--json"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("\"releases\":2"));
  ASSERT_EQ(Sign("ci", {"-o", File("x")}).exit_code, 0);
  const Outcome second = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("the checkpoint seen before ("));
}

TEST_F(AuditTest, VerifyWarnsOfAReloadThatChangedWhoApproves) {
  const TestApprover rita("rita");
  const TestApprover eve("eve");
  server_.AddPerson("rita", "release-manager")
      .add_approver_keys()
      ->set_public_key(rita.public_key());
  v1::Target& app = *server_.policy().mutable_targets(0);
  app.set_approvals(1);
  app.add_approvers("release-manager");
  app.clear_lower_version();
  server_.Start();
  EXPECT_THAT(Bootseal("auditor", {"audit", "verify"}).out,
              Not(HasSubstr("TRUST_CHANGED")));
  server_.policy()
      .mutable_people()
      ->rbegin()
      ->mutable_approver_keys(0)
      ->set_public_key(eve.public_key());
  server_.policy().set_version(2);
  server_.WritePolicy();
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(server_.WaitForLog("policy-in-force version=2"));
  const Outcome verified = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(verified.out,
              ContainsRegex("policy [(]warning[)]: entry 2: policy version 2 "
                            "changes approver keys of version 1: person "
                            "\"rita\": approver_keys ed25519 [0-9a-f]{64} -> "
                            "ed25519 [0-9a-f]{64}; .*[(]TRUST_CHANGED[)]"));
  const Outcome json = Bootseal("auditor", {"audit", "verify", "--json"});
  EXPECT_THAT(json.out, HasSubstr("\"finding_classes\":0"));
  EXPECT_THAT(json.out, HasSubstr("\"warning\":true,\"index\":2,\"reason\":"
                                  "\"TRUST_CHANGED\""));
}

// The database as it was a while ago, in the place of today's.
TEST_F(AuditTest, FindsALogThatWasRolledBack) {
  namespace fs = std::filesystem;
  server_.Start();
  ASSERT_EQ(Sign("ci").exit_code, 0);
  server_.Stop();
  const std::string log = server_.folder().File("log.sqlite");
  fs::copy_file(log, state_.File("old"));
  server_.Start();
  for (const char* name : {"1", "2", "3", "4", "5", "6"}) {
    ASSERT_EQ(Sign("ci", {"-o", File(name)}).exit_code, 0);
  }
  server_.Stop();
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(log + suffix);
  fs::copy_file(state_.File("old"), log, fs::copy_options::overwrite_existing);
  server_.Start();
  const Outcome outcome = Sign("ci", {"-o", File("after")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the log is smaller than it was"));
  EXPECT_FALSE(fs::exists(File("after")));
  // Grown beyond what was seen, it is still another log.
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) {
    Sign("ci", {"-o", File(name)}, {{"BOOTSEAL_STATE", File("fresh")}});
  }
  const Outcome audit = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(audit.exit_code, 1);
  EXPECT_THAT(audit.out, HasSubstr("the checkpoint seen before says"));
  EXPECT_THAT(audit.out, HasSubstr("consistency  1"));
}

TEST_F(ReadingTest, ListsTargetsOfTheCaller) {
  server_.Start();
  const Outcome mine = Bootseal("ci", {"targets", "list"});
  EXPECT_EQ(mine.exit_code, 0) << mine.err;
  EXPECT_THAT(mine.out, HasSubstr("app"));
  EXPECT_THAT(mine.out, HasSubstr("0x40000"));
  const Outcome none = Bootseal("developer", {"targets", "list", "--json"});
  EXPECT_EQ(none.out, "[]\n");
}

TEST_F(ReadingTest, NamesTheTargetsThatExist) {
  server_.Start();
  const Outcome outcome =
      Bootseal("ci", {"verify", "--target", "nothing", File("app.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("there are: app, room"));
}

TEST_F(ReadingTest, ExportsRulesThatCompile) {
  server_.Start();
  const Outcome outcome = Bootseal(
      "ci",
      {"targets", "export", "app", "--format", "c++", "-o", File("rules.cc")});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Outcome compiled =
      tests::Run({"c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Werror",
                  "-I", BOOTSEAL_SOURCE_DIR, File("rules.cc")});
  EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
}

TEST_F(ReadingTest, ShowsKeysInEveryForm) {
  server_.Start();
  const Outcome list = Bootseal("auditor", {"keys", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("p256"));
  const auto show = [this](const char* format) {
    return Bootseal("auditor", {"keys", "show", "app", "--format", format}).out;
  };
  EXPECT_EQ(show("pem").rfind("-----BEGIN PUBLIC KEY-----", 0), 0U);
  EXPECT_EQ(show("der").size(), 91U);
  EXPECT_EQ(show("hash").size(), 65U);
  EXPECT_THAT(show("c"), HasSubstr("ecdsa_pub_key_len = 91;"));
  Write("key.pem", show("pem"));
  std::string hash = show("hash");
  hash.pop_back();
  EXPECT_THAT(Bootseal("", {"inspect", File("key.pem")}).out, HasSubstr(hash));
}

TEST_F(ReadingTest, RefusesAKeyThatIsNotInThePolicy) {
  server_.Start();
  const Outcome outcome = Bootseal("auditor", {"keys", "show", "nothing"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("nothing"));
}

TEST_F(ReadingTest, PolicyExplainSaysWhoAndWhy) {
  server_.Start();
  const std::vector<std::string> question{"policy", "explain",   "--target",
                                          "app",    "--version", "1.2.3"};
  const Outcome allowed = Bootseal("ci", question);
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_THAT(allowed.out, HasSubstr("allowed"));
  const Outcome refused = Bootseal("developer", question);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, HasSubstr("target.requesters"));
}

TEST_F(ReadingTest, ReceiptOfAnotherImageIsRefused) {
  server_.Start();
  ASSERT_EQ(Sign("ci", {"--receipt", File("receipt")}).exit_code, 0);
  ASSERT_EQ(Sign("ci", {"-o", File("other.bin")}).exit_code, 0);
  Export("app", "profile");
  const Outcome outcome =
      Bootseal("", {"verify", "--profile", File("profile"), "--receipt",
                    File("receipt"), File("other.bin")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the receipt's"));
  const Outcome inspected = Bootseal("", {"inspect", File("receipt")});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.err;
  EXPECT_THAT(inspected.out, HasSubstr("bootseal.example/test"));
}

}  // namespace
}  // namespace bootseal::tests

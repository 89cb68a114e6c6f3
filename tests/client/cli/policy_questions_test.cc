// `bootseal policy`: checked, asked and tested without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/offline_fixture.h"
#include "tests/server/trust/example_policy.h"

namespace bootseal::tests {
namespace {

class PolicyQuestionsTest : public OfflineTest {
 protected:
  std::string Policy() { return WriteFile("policy", TextOf(ExamplePolicy())); }
  Outcome Explain(const std::string& as, const std::string& target,
                  std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "policy", "explain",  "--policy", Policy(),    "--as",
        as,       "--target", target,     "--version", "1.2.0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal(arguments);
  }
  // A test file beside the policy, with these cases.
  std::string WriteTest(const std::string& cases) {
    Policy();
    return WriteFile("test", absl::StrCat("policy_path: \"policy\"\n", cases));
  }
  Outcome Test(const std::string& cases) {
    return Bootseal({"policy", "test", WriteTest(cases)});
  }
  void ExpectNoTest(const std::string& cases,
                    const std::vector<std::string>& problems) {
    const Outcome outcome = Test(cases);
    EXPECT_EQ(outcome.exit_code, 5) << cases;
    EXPECT_EQ(outcome.out, "") << cases;
    EXPECT_THAT(outcome.err, HasSubstr("POLICY_TEST_INVALID"));
    for (const std::string& problem : problems) {
      EXPECT_THAT(outcome.err, HasSubstr(problem)) << cases;
    }
  }
};

constexpr char kGood[] =
    "cases { name: \"ci signs\" identity: \"ci\" target: \"app\" "
    "version: \"1.2.0\" security_counter: 1 expect { decision: ALLOWED } }\n";

std::string Case(const std::string& name, const std::string& rest) {
  return absl::StrCat("cases { name: \"", name, "\" version: \"1.2.0\" ", rest,
                      " }\n");
}

TEST_F(PolicyQuestionsTest, ExplainsAPolicyFileForAnybodyWithoutAServer) {
  const Outcome outcome = Explain("ci", "app", {"--security-counter", "1"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("allowed"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("not reached")));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(PolicyQuestionsTest, ExplainListsTheRulesUpToTheOneThatDecides) {
  const Outcome outcome = Explain("alice", "secure");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, testing::ContainsRegex("target +pass"));
  EXPECT_THAT(outcome.out,
              testing::ContainsRegex("target.requesters +refuses"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("version +not reached"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("seen as +alice"));
}

TEST_F(PolicyQuestionsTest, ExplainSaysTheSameToMachines) {
  const Outcome outcome = Explain("alice", "secure", {"--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"decision\":\"refused\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"code\":\"WRONG_ROLE\""));
  EXPECT_THAT(
      outcome.out,
      HasSubstr("{\"rule\":\"target.requesters\",\"outcome\":\"refuses\"}"));
  EXPECT_THAT(outcome.out,
              HasSubstr("{\"rule\":\"version\",\"outcome\":\"not reached\"}"));
}

TEST_F(PolicyQuestionsTest, ExplainKnowsTheSubjectOfACertificate) {
  const Outcome outcome =
      Explain("other.example CN=alice,O=Example", "secure", {"--json"});
  EXPECT_THAT(outcome.out, HasSubstr("\"identity\":\"alice\""));
  EXPECT_THAT(outcome.out, HasSubstr("\"roles\":[\"developer\",\"auditor\"]"));
}

TEST_F(PolicyQuestionsTest, ExplainRefusesWhomThePolicyDoesNotName) {
  for (const char* nobody : {"mallory", "spiffe://dev.example/mallory"}) {
    const Outcome outcome = Explain(nobody, "app");
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.out, testing::ContainsRegex("caller +refuses"));
    EXPECT_THAT(outcome.out, HasSubstr("the policy names nobody"));
  }
}

TEST_F(PolicyQuestionsTest, ExplainWaitsForApprovals) {
  const Outcome outcome = Explain("ci", "guarded");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.out, testing::ContainsRegex("approvals needed +2"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("target.approvals +waits"));
}

TEST_F(PolicyQuestionsTest, ExplainHoldsTheVersionAgainstTheLastRelease) {
  const std::vector<std::string> counter{"--security-counter", "1"};
  std::vector<std::string> older = counter;
  older.insert(older.end(), {"--last-version", "1.1.0"});
  EXPECT_EQ(Explain("ci", "app", older).exit_code, 0);
  std::vector<std::string> newer = counter;
  newer.insert(newer.end(), {"--last-version", "1.3.0"});
  const Outcome refused = Explain("ci", "app", newer);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out,
              testing::ContainsRegex("target.lower_version +refuses"));
}

TEST_F(PolicyQuestionsTest, ExplainWantsAnIdentityAndAPolicyTogether) {
  for (const std::vector<std::string>& half :
       std::vector<std::vector<std::string>>{
           {"--as", "ci"}, {"--policy", "policy"}, {"--last-version", "1.0"}}) {
    std::vector<std::string> arguments{"policy", "explain",   "--target",
                                       "app",    "--version", "1"};
    arguments.insert(arguments.end(), half.begin(), half.end());
    const Outcome outcome = Bootseal(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << half[0];
    EXPECT_THAT(outcome.err, HasSubstr("--")) << half[0];
  }
}

TEST_F(PolicyQuestionsTest, ExplainRefusesAPolicyThatIsNotThereOrNotGood) {
  const std::vector<std::string> rest{"--as",      "ci", "--target", "app",
                                      "--version", "1",  "--policy"};
  std::vector<std::string> arguments{"policy", "explain"};
  arguments.insert(arguments.end(), rest.begin(), rest.end());
  arguments.push_back(folder_.File("nowhere"));
  const Outcome missing = Bootseal(arguments);
  EXPECT_EQ(missing.exit_code, 5);
  EXPECT_THAT(missing.err, HasSubstr("FILE_NOT_FOUND"));
  arguments.back() = WriteFile("bad", "version: 0");
  const Outcome bad = Bootseal(arguments);
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.err, HasSubstr("POLICY_INVALID"));
}

TEST_F(PolicyQuestionsTest, CheckTellsMachinesEveryProblemWithItsPath) {
  const std::string policy =
      WriteFile("bad",
                "version: 1\n"
                "targets { name: \"a\" key: \"nokey\" requesters: \"norole\" "
                "mcuboot { header_size: 4 } }\n"
                "roles { name: \"r\" members: \"nobody\" }\n");
  const Outcome outcome = Bootseal({"policy", "check", "--json", policy});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"problems\":[\""));
  for (const char* path : {"\"targets[0].key: ", "\"targets[0].requesters[0]",
                           "\"targets[0].mcuboot.", "\"roles[0].members[0]"}) {
    EXPECT_THAT(outcome.out, HasSubstr(path));
  }
  const Outcome text = Bootseal({"policy", "check", policy});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.err, HasSubstr("targets[0].key: "));
  EXPECT_THAT(text.err, HasSubstr("roles[0].members[0]"));
}

TEST_F(PolicyQuestionsTest, CheckTellsMachinesThatAPolicyIsGood) {
  const Outcome outcome = Bootseal({"policy", "check", "--json", Policy()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\"problems\":[]"));
  EXPECT_THAT(outcome.out, HasSubstr("\"version\":7"));
}

TEST_F(PolicyQuestionsTest, TestPassesWhatIsAsExpected) {
  const Outcome outcome = Test(absl::StrCat(
      kGood,
      Case("alice may not",
           "certificate_subject: \"spiffe://dev.example/people/alice\" "
           "target: \"secure\" expect { decision: REFUSED "
           "rule: \"target.requesters\" code: \"WRONG_ROLE\" }"),
      Case("two approve",
           "identity: \"ci\" target: \"guarded\" "
           "expect { decision: PENDING approvals_needed: 2 }"),
      Case("nobody",
           "identity: \"mallory\" target: \"app\" "
           "expect { decision: REFUSED rule: \"caller\" }"),
      Case("never back",
           "identity: \"ci\" target: \"app\" security_counter: 1 "
           "last_release { version: \"2.0.0\" } "
           "expect { decision: REFUSED rule: \"target.lower_version\" }")));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("pass  ci signs\n"));
  EXPECT_THAT(outcome.out, HasSubstr("5 of 5 cases pass\n"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(PolicyQuestionsTest, TestFailsAndSaysWhatDiffers) {
  const std::string wrong =
      Case("alice signs",
           "identity: \"alice\" target: \"secure\" "
           "expect { decision: ALLOWED approvals_needed: 1 }");
  const Outcome outcome = Test(absl::StrCat(wrong, kGood));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("FAIL  alice signs\n"));
  EXPECT_THAT(outcome.out, HasSubstr("decision is refused, expected allowed"));
  EXPECT_THAT(outcome.out, HasSubstr("approvals_needed is 0, expected 1"));
  EXPECT_THAT(outcome.out, HasSubstr("by rule target.requesters: identity"));
  EXPECT_THAT(outcome.out, HasSubstr("pass  ci signs\n"));
  EXPECT_THAT(outcome.out, HasSubstr("1 of 2 cases pass\n"));
}

TEST_F(PolicyQuestionsTest, TestFailsForAnotherRuleOrCode) {
  for (const char* expect : {"rule: \"version\"", "code: \"OTHER\""}) {
    const Outcome outcome =
        Test(Case("c", absl::StrCat("identity: \"alice\" target: \"secure\" "
                                    "expect { decision: REFUSED ",
                                    expect, " }")));
    EXPECT_EQ(outcome.exit_code, 1) << expect;
  }
}

TEST_F(PolicyQuestionsTest, TestSaysTheSameToMachines) {
  const std::string wrong = Case(
      "alice signs",
      "identity: \"alice\" target: \"secure\" expect { decision: ALLOWED }");
  const Outcome outcome = Bootseal(
      {"policy", "test", "--json", WriteTest(absl::StrCat(kGood, wrong))});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("\"passed\":1,\"failed\":1"));
  EXPECT_THAT(outcome.out, HasSubstr("{\"name\":\"ci signs\",\"pass\":true"));
  EXPECT_THAT(outcome.out,
              HasSubstr("\"name\":\"alice signs\",\"pass\":false"));
  EXPECT_THAT(outcome.out, HasSubstr("\"code\":\"WRONG_ROLE\""));
}

TEST_F(PolicyQuestionsTest, TestRefusesAnIssuerThatThePolicyDoesNotHave) {
  const Outcome outcome =
      Test(Case("job",
                "token { issuer: \"nowhere\" } target: \"app\" "
                "expect { decision: ALLOWED }"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("the policy has no issuer \"nowhere\""));
}

TEST_F(PolicyQuestionsTest, TestRefusesAFileThatIsNoTestWithEveryProblem) {
  ExpectNoTest("", {"cases: there is none"});
  ExpectNoTest("cases { nam: \"x\" }", {"no field", "cases[0].name"});
  ExpectNoTest("cases { name: \"a\" ", {"line "});
  ExpectNoTest("cases { name: \"a\" expect { decision: MAYBE } }", {"MAYBE"});
  ExpectNoTest("cases { }",
               {"cases[0].name: is missing", "cases[0]: nobody asks",
                "cases[0].target: is missing", "cases[0].version: is missing",
                "cases[0].expect.decision: is missing"});
  ExpectNoTest(absl::StrCat(kGood, kGood), {"cases[1].name", "given twice"});
  ExpectNoTest(Case("a",
                    "identity: \"ci\" target: \"app\" expect { decision: "
                    "REFUSED rule: \"target.requester\" }"),
               {"cases[0].expect.rule: no rule named \"target.requester\""});
  ExpectNoTest(Case("a",
                    "identity: \"ci\" target: \"app\" last_release { } "
                    "expect { decision: ALLOWED }"),
               {"cases[0].last_release.version: is missing"});
}

TEST_F(PolicyQuestionsTest, TestRefusesFilesThatAreNotThere) {
  const Outcome test = Bootseal({"policy", "test", folder_.File("nowhere")});
  EXPECT_EQ(test.exit_code, 5);
  EXPECT_THAT(test.err, HasSubstr("FILE_NOT_FOUND"));
  const Outcome policy = Bootseal(
      {"policy", "test",
       WriteFile("test", absl::StrCat("policy_path: \"gone\"\n", kGood))});
  EXPECT_EQ(policy.exit_code, 5);
  EXPECT_THAT(policy.err, HasSubstr("gone"));
}

TEST_F(PolicyQuestionsTest, TestRefusesAPolicyThatIsNotGood) {
  WriteFile("bad", "version: 0");
  const Outcome outcome = Bootseal(
      {"policy", "test",
       WriteFile("test", absl::StrCat("policy_path: \"bad\"\n", kGood))});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("POLICY_INVALID"));
}

TEST_F(PolicyQuestionsTest, TheExampleHolds) {
  const Outcome outcome = Bootseal(
      {"policy", "test",
       BOOTSEAL_SOURCE_DIR "/deploy/policy/examples/github.test.textproto"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
}

}  // namespace
}  // namespace bootseal::tests

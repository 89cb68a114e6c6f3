// deploy/policy/extend: what a newer template has more, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

constexpr const char* kExtend = BOOTSEAL_SOURCE_DIR "/deploy/policy/extend";

class PolicyExtend : public testing::Test {
 protected:
  Outcome Extend(const std::string& policy, const std::string& source) {
    std::ofstream(folder_.File("policy")) << policy;
    std::ofstream(folder_.File("template")) << source;
    return tests::Run(
        {kExtend, folder_.File("policy"), folder_.File("template")});
  }

  // Where `base` was the template of the last time.
  Outcome Renew(const std::string& policy, const std::string& source,
                const std::string& base) {
    std::ofstream(folder_.File("policy")) << policy;
    std::ofstream(folder_.File("template")) << source;
    std::ofstream(folder_.File("base")) << base;
    return tests::Run({kExtend, folder_.File("policy"),
                       folder_.File("template"), folder_.File("base")});
  }

  TemporaryFolder folder_;
};

constexpr char kTemplate[] =
    "# A policy.\n"
    "version: 1\n"
    "keys { name: \"app\" }\n"
    "# The new one.\n"
    "targets {\n  name: \"new\"\n  mcuboot { slot_size: 1 }\n}\n";

TEST_F(PolicyExtend, AddsAnEntryWithItsCommentUnderAHigherVersion) {
  const Outcome outcome =
      Extend("version: 41  # mine\nkeys { name: \"app\" }\n", kTemplate);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "version: 42  # mine\nkeys { name: \"app\" }\n\n"
            "# The new one.\n"
            "targets {\n  name: \"new\"\n  mcuboot { slot_size: 1 }\n}\n");
  EXPECT_EQ(outcome.err, "added to the policy: targets \"new\", version 42\n");
}

TEST_F(PolicyExtend, LeavesAPolicyThatHasAllOfThemAsItIs) {
  for (const char* policy :
       {kTemplate,
        // In another order and another hand.
        "targets:{name:'new'}keys{uri:\"}\"name:\"app\"}version:7",
        "version: 1 keys { # } name: \"no\"\n name: \"app\" }\n"
        "targets { mcuboot { name: \"deep\" } name: \"new\" key: \"\\\"{\" }",
        "version: 1 keys { name: \"app\" uri: '#{' } targets { name: \"new\" }",
        "version: 1 keys [{ name: \"app\" }, { name: \"b\" }]"
        " targets { name: \"new\" }"}) {
    const Outcome outcome = Extend(absl::StrCat(policy, "\n"), kTemplate);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, absl::StrCat(policy, "\n"));
    EXPECT_EQ(outcome.err, "");
  }
}

TEST_F(PolicyExtend, MissesWhatOnlyLooksAsIfItWereThere) {
  for (const char* policy :
       {"version: 1 keys { name: \"app\" } # targets { name: \"new\" }",
        "version: 1 keys { name: \"app\" } people { name: \"new\" }",
        "version: 1 keys { name: \"app\" } targets { key: \"new\" }",
        "version: 1 keys { name: \"app\" uri: \"targets { name: 'new' }\" }",
        "version: 1 keys { name: \"app\" } targets { x { name: \"new\" } }"}) {
    const Outcome outcome = Extend(policy, kTemplate);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "added to the policy: targets \"new\", version 2\n")
        << policy;
  }
}

std::string TargetWith(const std::string& fields) {
  return absl::StrCat("targets {\n  name: \"app\"\n", fields, "}\n");
}
const std::string kPasses = TargetWith("  # Any.\n  lower_version: PASS\n");

TEST_F(PolicyExtend, RenewsWhatIsAsAnOlderTemplateHadIt) {
  const std::string mine = "keys { name: \"mine\" }\n";
  const Outcome outcome =
      Renew("version: 3\n" + TargetWith("  slot: 1\n") + mine,
            "version: 1\n" + TargetWith("  slot: 2\n"),
            "version: 1\n" + TargetWith("  slot: 1\n"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "version: 4\n" + TargetWith("  slot: 2\n") + mine);
  EXPECT_EQ(outcome.err, "renewed in the policy: targets \"app\", version 4\n");
}

TEST_F(PolicyExtend, LeavesWhatWasEdited) {
  const std::string edited = "version: 3\n" + TargetWith("  slot: 9\n");
  const Outcome outcome = Renew(edited, "version: 1\n" + kPasses,
                                "version: 1\n" + TargetWith("  slot: 1\n"));
  EXPECT_EQ(outcome.out, edited);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(Extend(edited, "version: 1\n" + kPasses).out, edited);
  // What the template has had is not put back.
  const std::string removed = "version: 3\n" + TargetWith("");
  EXPECT_EQ(
      Renew(removed, "version: 1\n" + kPasses, "version: 1\n" + kPasses).out,
      removed);
  // An entry that the last template did not have is the user's.
  EXPECT_EQ(Renew(removed, "version: 1\n" + kPasses, "version: 1\n").out,
            removed);
}

TEST_F(PolicyExtend, SaysThatNobodyStandsBehindInAPolicyFromBeforeItWasAsked) {
  const std::string old =
      "people { name: \"ci\" subjects: \"spiffe://a/ci\" }\n";
  const std::string now =
      "people { name: \"ci\" subjects: \"spiffe://a/ci\" nobody_behind: true "
      "}\n";
  EXPECT_EQ(Extend("version: 3\n" + old, "version: 1\n" + now).out,
            "version: 4\n" + now);
  const std::string mine = "people { name: \"ci\" behind: \"alice\" }\n";
  EXPECT_EQ(Extend("version: 3\n" + mine, "version: 1\n" + now).out,
            "version: 3\n" + mine);
}

TEST_F(PolicyExtend, LetsLowerVersionsPassInAPolicyFromBeforeThereWereAny) {
  const Outcome outcome =
      Extend("version: 3\n# Old.\n" + TargetWith(""), "version: 1\n" + kPasses);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "version: 4\n" + kPasses);
  EXPECT_EQ(Extend(outcome.out, "version: 1\n" + kPasses).out, outcome.out);
}

TEST_F(PolicyExtend, RefusesAFileThatItCannotRead) {
  const auto expect_refusal = [](const Outcome& outcome,
                                 const std::string& says) {
    EXPECT_EQ(outcome.exit_code, 1) << says;
    EXPECT_THAT(outcome.err, HasSubstr(says));
    EXPECT_EQ(outcome.out, "");
  };
  expect_refusal(Extend("version: 1 keys { name: \"app\"", kTemplate),
                 "policy ends within an entry");
  expect_refusal(Extend("version: 1 keys { name: \"app", kTemplate),
                 "policy ends within an entry");
  expect_refusal(Extend("version: 1 }", kTemplate),
                 "policy ends within an entry");
  expect_refusal(Extend("keys { version: 1 }", kTemplate),
                 "policy has no version");
  expect_refusal(Extend("", kTemplate), "policy has no version");
  expect_refusal(Extend(kTemplate, "version: 1 keys {"),
                 "template ends within an entry");
  expect_refusal(
      tests::Run({kExtend, folder_.File("lost"), folder_.File("template")}),
      "cannot read");
  expect_refusal(tests::Run({kExtend, folder_.File("policy")}),
                 "usage: deploy/policy/extend POLICY TEMPLATE");
}

}  // namespace
}  // namespace bootseal::tests

// bootseal policy check: the examples that we ship, and issuers' keys beside a
// policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/token_issuer.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kExamples[] = BOOTSEAL_SOURCE_DIR "/deploy/policy/examples";

class PolicyCheck : public testing::Test {
 protected:
  static Outcome Check(const std::string& path) {
    return tests::Run({BOOTSEAL_PROGRAM, "policy", "check", path});
  }
  // The example for GitLab, with this file's hash pinned.
  void WritePolicyThatPins(const std::string& keys) {
    auto text =
        base::ReadFile(std::string(kExamples) + "/gitlab.textproto", 1 << 20);
    ASSERT_OK(text);
    absl::StrReplaceAll({{std::string(64, '0'), Sha256Hex(keys)}}, &*text);
    Write("policy.textproto", *text);
  }
  void Write(const std::string& name, const std::string& content) {
    ASSERT_OK(base::WriteFileAtomically(folder_.File(name), content));
  }
  Outcome CheckPolicy() { return Check(folder_.File("policy.textproto")); }

  TemporaryFolder folder_;
};

TEST_F(PolicyCheck, FindsTheExamplesGoodAndSaysThatKeysWereNotChecked) {
  int examples = 0;
  for (const auto& file : std::filesystem::directory_iterator(kExamples)) {
    // Of expectations: `policy test` reads it.
    if (absl::EndsWith(file.path().string(), ".test.textproto")) continue;
    const Outcome outcome = Check(file.path());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("policy version 1 is good"));
    EXPECT_THAT(outcome.err, HasSubstr("was not checked"));
    ++examples;
  }
  EXPECT_GE(examples, 2);
}

TEST_F(PolicyCheck, TakesThePinnedKeysBesideThePolicy) {
  const std::string keys = TokenIssuer("https://gitlab.com").KeySet();
  WritePolicyThatPins(keys);
  Write("gitlab.jwks", keys);
  const Outcome outcome = CheckPolicy();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(PolicyCheck, RefusesOtherKeysThanThePinnedOnes) {
  WritePolicyThatPins(TokenIssuer("https://gitlab.com").KeySet());
  Write("gitlab.jwks", TokenIssuer("https://gitlab.com").KeySet());
  const Outcome outcome = CheckPolicy();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              HasSubstr("issuers[0].jwks_sha256: gitlab.jwks has"));
}

TEST_F(PolicyCheck, RefusesPinnedKeysThatAreNone) {
  WritePolicyThatPins("{\"keys\":[]}");
  Write("gitlab.jwks", "{\"keys\":[]}");
  const Outcome outcome = CheckPolicy();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("issuers[0].jwks_path: gitlab.jwks: has "
                                     "no key for RS256 or ES256"));
}

}  // namespace
}  // namespace bootseal::tests

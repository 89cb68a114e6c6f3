// bootseal audit witness --once, against a server that may be another one the
// next time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "firmware/image/host/cosignature.h"
#include "tests/client/witness/growth.h"
#include "tests/client/witness/witnessed_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using OnceTest = WitnessedTest;

TEST_F(OnceTest, CosignsWhatTheServerShows) {
  server_.Start();
  const auto key = *image::host::CosignerKey::Parse(WitnessKeyText());
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = CosignOnce();
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto seen = image::host::OpenCosigned(outcome.out, key);
    ASSERT_OK(seen);
    EXPECT_EQ(seen->size, Size());
    Grow();
  }
}

TEST_F(OnceTest, RefusesALogThatWasRolledBack) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grow();
  Grow();
  ASSERT_EQ(CosignOnce().exit_code, 0);
  server_.Stop();
  Restore("older");
  server_.Start();
  const Outcome refused = CosignOnce();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("ROLLED_BACK"));
  EXPECT_EQ(refused.out, "");
}

TEST_F(OnceTest, RefusesAFork) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grow();
  ASSERT_EQ(CosignOnce().exit_code, 0);
  server_.Stop();
  Restore("older");
  server_.Start();
  for (int i = 0; i < 4; ++i) Grow();
  for (int i = 0; i < 2; ++i) {
    const Outcome refused = CosignOnce();
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("FORKED"));
    EXPECT_EQ(refused.out, "");
  }
}

TEST_F(OnceTest, PrintsJson) {
  server_.Start();
  const Outcome outcome =
      Bootseal("auditor", {"audit", "witness", "--once", "--json", "--key",
                           witness_.File("w.pem"), "--name", kWitness,
                           "--state", File("once"), "--new"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              HasSubstr("\"note\":\"bootseal.example/test\\u000a"));
  EXPECT_THAT(outcome.out, HasSubstr(WitnessKeyText()));
}

TEST_F(OnceTest, ThatLostItsStateDoesNotCosignAFork) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grow();
  ASSERT_EQ(CosignOnce().exit_code, 0);
  server_.Stop();
  Restore("older");
  server_.Start();
  Grow();
  std::filesystem::rename(File("once"), File("lost"));
  const Outcome refused = Bootseal(
      "auditor", {"audit", "witness", "--once", "--key", witness_.File("w.pem"),
                  "--name", kWitness, "--state", File("once")});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err, HasSubstr("WITNESS_STATE_MISSING"));
  EXPECT_THAT(refused.err, HasSubstr("--new"));
  EXPECT_EQ(refused.out, "");
}

TEST_F(OnceTest, IsNewOnceAndNeedsNoServerForThat) {
  const std::vector<std::string> begin{
      "audit",  "witness", "--new",   "--key",     witness_.File("w.pem"),
      "--name", kWitness,  "--state", File("once")};
  const Outcome begun = Bootseal("auditor", begin);
  EXPECT_EQ(begun.exit_code, 0) << begun.err;
  EXPECT_THAT(begun.out, HasSubstr(WitnessKeyText()));
  // Nothing was seen yet: there is nothing to forget.
  EXPECT_EQ(Bootseal("auditor", begin).exit_code, 0);
  server_.Start();
  EXPECT_EQ(CosignOnce().exit_code, 0);
  const Outcome again = Bootseal("auditor", begin);
  EXPECT_EQ(again.exit_code, 5);
  EXPECT_THAT(again.err, HasSubstr("WITNESS_STATE_EXISTS"));
}

TEST_F(OnceTest, NeedsAKeyANameAStateAndAMode) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"audit", "witness", "--once"},
        {"audit", "witness", "--once", "--key", "w.pem"},
        {"audit", "witness", "--key", "w.pem", "--name", "w", "--state",
         "s"}}) {
    EXPECT_EQ(
        Bootseal("auditor", arguments, {{"BOOTSEAL_SERVER", "x:1"}}).exit_code,
        2);
  }
}

}  // namespace
}  // namespace bootseal::tests

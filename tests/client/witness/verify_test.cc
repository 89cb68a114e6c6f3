// bootseal audit verify --witness.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/client/witness/growth.h"
#include "tests/client/witness/witnessed_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

class VerifyWithWitnessTest : public WitnessedTest {
 protected:
  // As someone who has seen nothing of the log before.
  Outcome Verify(const std::string& source,
                 const std::string& key = WitnessKeyText()) {
    std::filesystem::remove_all(File("fresh"));
    return Bootseal(
        "auditor",
        {"audit", "verify", "--witness", source, "--witness-key", key},
        {{"BOOTSEAL_STATE", File("fresh")}});
  }
  // Cosigns what the server shows; the note is in "seen".
  void Cosign() {
    const Outcome outcome = CosignOnce();
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    Write("seen", outcome.out);
  }
};

TEST_F(VerifyWithWitnessTest, ProvesALogThatHoldsWhatWasSeen) {
  server_.Start();
  Cosign();
  Grow();
  const Outcome outcome = Verify(File("seen"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
}

TEST_F(VerifyWithWitnessTest, AsksAWitnessThatListens) {
  witness_.Start();
  Configure();
  server_.Start();
  ASSERT_NE(WaitForCosigned(1), "");
  EXPECT_EQ(Verify(witness_.url()).exit_code, 0);
  EXPECT_EQ(Verify(witness_.url() + "/").exit_code, 0);
  witness_.Kill();
  const Outcome gone = Verify(witness_.url());
  EXPECT_EQ(gone.exit_code, 4);
  EXPECT_THAT(gone.err, HasSubstr("WITNESS_UNREACHABLE"));
}

TEST_F(VerifyWithWitnessTest, WarnsThatTheWitnessHasSeenNothing) {
  witness_.Start();
  server_.Start();
  const Outcome outcome = Verify(witness_.url());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("has seen nothing"));
}

TEST_F(VerifyWithWitnessTest, ReportsALogThatWasRolledBack) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  for (int i = 0; i < 4; ++i) Grow();
  Cosign();
  server_.Stop();
  Restore("older");
  server_.Start();
  const Outcome outcome = Verify(File("seen"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("ROLLED_BACK"));
}

TEST_F(VerifyWithWitnessTest, ReportsAFork) {
  server_.Start();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grow();
  Cosign();
  server_.Stop();
  Restore("older");
  server_.Start();
  for (int i = 0; i < 4; ++i) Grow();
  const Outcome outcome = Verify(File("seen"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("consistency  1 "));
}

TEST_F(VerifyWithWitnessTest, TakesOnlyWhatTheWitnessCosigned) {
  server_.Start();
  Cosign();
  std::string note = Read("seen");
  note[note.find('\n') + 1] = '9';
  Write("changed", note);
  const Outcome changed = Verify(File("changed"));
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_THAT(changed.err, HasSubstr("WITNESS_INVALID"));
  Write("uncosigned", Checkpoint());
  EXPECT_EQ(Verify(File("uncosigned")).exit_code, 1);
  EXPECT_EQ(Verify(File("none")).exit_code, 5);
}

TEST_F(VerifyWithWitnessTest, NeedsTheKeyOfEachWitness) {
  server_.Start();
  EXPECT_EQ(Verify(File("seen"), server_.log_key()).exit_code, 2);
  const Outcome missing =
      Bootseal("auditor", {"audit", "verify", "--witness", File("seen")});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("WITNESS_KEY_MISSING"));
}

}  // namespace
}  // namespace bootseal::tests

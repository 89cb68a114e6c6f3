// A server that has a witness.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/cli/log_key.h"
#include "firmware/image/host/cosignature.h"
#include "tests/client/witness/growth.h"
#include "tests/client/witness/witnessed_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class WatchedServerTest : public WitnessedTest {
 protected:
  WatchedServerTest() {
    witness_.Start();
    Configure();
  }
  void Grown(int releases) {
    for (int i = 0; i < releases; ++i) Grow();
    ASSERT_NE(WaitForCosigned(Size()), "");
  }
};

TEST_F(WatchedServerTest, HasItsCheckpointsCosigned) {
  server_.Start();
  ASSERT_NE(WaitForCosigned(1), "");
  Grow();
  const std::uint64_t size = Size();
  const std::string note = WaitForCosigned(size);
  ASSERT_NE(note, "");
  EXPECT_OK(cli::LogKey::Read(server_.log_key())->Open(note).status());
  EXPECT_THAT(witness_.Latest("bootseal.example/test"), HasSubstr("\n\n"));
  // The client takes notes with more signatures than it knows.
  Grow();
  EXPECT_EQ(Bootseal("auditor", {"audit", "verify"}).exit_code, 0);
}

TEST_F(WatchedServerTest, PutsCosignaturesIntoReceiptsThatItGivesAgain) {
  server_.Start();
  const std::vector<std::string> once{"--request-id", "build-1",
                                      "-o",           File("a.bin"),
                                      "--receipt",    File("a.receipt")};
  ASSERT_EQ(Sign("ci", once).exit_code, 0);
  EXPECT_THAT(Read("a.receipt"), Not(HasSubstr(kWitness)));
  ASSERT_NE(WaitForCosigned(Size()), "");
  const Outcome again = Sign("ci", once);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(Read("a.receipt"), HasSubstr(kWitness));
}

TEST_F(WatchedServerTest, RefusesToStartBehindItsWitness) {
  server_.Start();
  Grow();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grown(2);
  server_.Stop();
  Restore("older");
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("LOG_BEHIND_WITNESS"));
  EXPECT_THAT(server_.ServerLog(), Not(HasSubstr(" listening ")));
  // It did not write anything either: it is refused again.
  EXPECT_NE(server_.StartAndFail(), 0);
}

TEST_F(WatchedServerTest, RefusesToStartWithAnotherHistory) {
  server_.Start();
  Grow();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grown(1);
  server_.Stop();
  Restore("older");
  const auto witnesses = server_.config().log().witnesses();
  server_.config().mutable_log()->clear_witnesses();
  server_.Start();
  for (int i = 0; i < 4; ++i) Grow();
  server_.Stop();
  *server_.config().mutable_log()->mutable_witnesses() = witnesses;
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("LOG_FORKED"));
}

TEST_F(WatchedServerTest, StartsAgainWithTheSameLog) {
  server_.Start();
  Grown(1);
  server_.Stop();
  server_.Start();
  Grown(1);
}

TEST_F(WatchedServerTest, StartsWithoutItsWitnessAndSaysSo) {
  witness_.Kill();
  server_.Start();
  EXPECT_TRUE(server_.WaitForLog("WITNESS_UNREACHABLE"));
  Grow();
  witness_.Start();
  EXPECT_NE(WaitForCosigned(Size()), "");
}

TEST_F(WatchedServerTest, StopsItsLogWhenTheWitnessComesBackAndHasSeenMore) {
  server_.Start();
  Grow();
  server_.Stop();
  Copy("older");
  server_.Start();
  Grown(5);
  server_.Stop();
  witness_.Kill();
  Restore("older");
  server_.Start();
  Grow();
  witness_.Start();
  ASSERT_TRUE(server_.WaitForLog("audit-log-stopped"));
  EXPECT_TRUE(server_.WaitForLog("LOG_BEHIND_WITNESS"));
  const Outcome refused =
      Sign("ci", {"-o", File("none.bin"), "--timeout", "2"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("LOG_STOPPED"));
}

TEST_F(WatchedServerTest, GoesOnOverAWitnessThatIsKilled) {
  server_.Start();
  Grown(1);
  witness_.Kill();
  Grow();
  witness_.Start();
  EXPECT_NE(WaitForCosigned(Size()), "");
  EXPECT_TRUE(server_.process().Wait(std::chrono::seconds(0)) == -1);
}

TEST_F(WatchedServerTest, RefusesToStartWithAnotherWitnessUnderTheName) {
  server_.Start();
  Grown(1);
  server_.Stop();
  const auto other =
      image::host::CosignerKey::Make(kWitness, std::string(32, 'k'));
  server_.config().mutable_log()->mutable_witnesses(0)->set_verifier_key(
      other->text());
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("WITNESS_INVALID"));
}

TEST_F(WatchedServerTest, SaysWhatIsWrongWithItsWitnesses) {
  v1::Witness& wrong = *server_.config().mutable_log()->add_witnesses();
  wrong.set_url("witness.example");
  wrong.set_verifier_key(server_.log_key());
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("log.witnesses[1].url"));
  EXPECT_THAT(server_.ServerLog(), HasSubstr("log.witnesses[1].verifier_key"));
}

}  // namespace
}  // namespace bootseal::tests

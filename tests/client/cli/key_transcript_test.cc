// A ceremony's transcript on its way through the program: handed in, read by
// approvers, listed and proved by auditors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "base/transcript.h"
#include "tests/client/cli/waiting_fixture.h"
#include "tests/support/key_ceremony.h"

namespace bootseal::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class KeyTranscript : public WaitingTest {
 protected:
  KeyTranscript() {
    AddApprover(alice_);
    DemandKeyApprovals(server_.policy(), "ci", "release-manager", 1);
    const std::string transcript = HoldCeremony(server_, "fresh");
    Write("fresh.transcript", transcript);
    PinKeyOf(transcript, "fresh", server_.policy());
    server_.Start();
  }

  Outcome Activate(const std::string& file) {
    return Bootseal("ci", {"keys", "activate", "fresh", "--transcript",
                           File(file), "--request-id", "fresh-key"});
  }
};

TEST_F(KeyTranscript, IsShownToApproversAndComparedWithTheirFile) {
  ASSERT_EQ(Activate("fresh.transcript").exit_code, 3);
  const Outcome shown =
      Bootseal("auditor", {"approvals", "show", "fresh-key", "--transcript",
                           File("fresh.transcript")});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("transcript sha256"), HasSubstr("step probe "),
                    HasSubstr("born-in-the-token yes")));
  const std::string text = Read("fresh.transcript");
  Write("other.transcript",
        base::SealTranscript(absl::StrReplaceAll(
            text.substr(0, text.rfind("sha256 ")), {{"0.1.0", "0.1.1"}})));
  const Outcome other =
      Bootseal("auditor", {"approvals", "show", "fresh-key", "--transcript",
                           File("other.transcript")});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("TRANSCRIPT_DIFFERS"));
}

TEST_F(KeyTranscript, IsInTheLogForAuditorsToReadAndProve) {
  ASSERT_EQ(Activate("fresh.transcript").exit_code, 3);
  Say(Waiting(), alice_, v1::APPROVE);
  const Outcome done = Activate("fresh.transcript");
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const Outcome listed = Bootseal("auditor", {"audit", "list", "--json"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out,
              HasSubstr("\"transcript\":\"bootseal key ceremony v2"));
  const Outcome verified = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(KeyTranscript, IsNotSentWhenItIsNotWhole) {
  const std::string text = Read("fresh.transcript");
  Write("changed", absl::StrReplaceAll(text, {{"passed", "Passed"}}));
  const Outcome changed = Activate("changed");
  EXPECT_EQ(changed.exit_code, 1) << changed.err;
  EXPECT_THAT(changed.err, HasSubstr("TRANSCRIPT_ALTERED"));
  Write("large", std::string(base::kMaxTranscriptBytes + 1, 'x'));
  EXPECT_EQ(Activate("large").exit_code, 5);
  EXPECT_EQ(Activate("none").exit_code, 5);
  const Outcome list = Bootseal("auditor", {"approvals", "list"});
  EXPECT_THAT(list.out, Not(HasSubstr("fresh")));
}

}  // namespace
}  // namespace bootseal::tests

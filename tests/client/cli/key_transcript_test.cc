// A ceremony's transcript on its way through the program: handed in, read by
// approvers, listed and proved by auditors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "base/transcript.h"
#include "tests/client/cli/waiting_fixture.h"

namespace bootseal::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class KeyTranscript : public WaitingTest {
 protected:
  KeyTranscript() {
    AddApprover(alice_);
    v1::Role& role = *server_.policy().add_roles();
    role.set_name("key-admin");
    role.add_members("ci");
    role.add_permissions(v1::MANAGE_KEYS);
    v1::KeyApprovals& approvals = *server_.policy().mutable_key_approvals();
    approvals.set_approvals(1);
    approvals.add_approvers("release-manager");
    const Outcome held = server_.token().Tool(
        {"ceremony", "--label", "fresh", "--algorithm", "p256", "--yes",
         "--transcript", File("fresh.transcript")});
    EXPECT_EQ(held.exit_code, 0) << held.err;
    const auto read = base::ReadTranscript(Read("fresh.transcript"));
    EXPECT_TRUE(read.ok()) << read.status();
    v1::PinnedKey& key = *server_.policy().add_keys();
    key.set_name("fresh");
    key.set_uri("pkcs11:object=fresh");
    key.set_algorithm(v1::P256);
    key.set_purpose(v1::FIRMWARE);
    key.set_public_key_sha256(read->keys.at(0).public_key_sha256);
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

#include "client/approval/statement.h"

#include <gtest/gtest.h>

#include "server/trust/approval.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/support/status_matchers.h"

namespace bootseal::approval {
namespace {

using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Pending Read(const v1::Entry& entry) {
  auto pending = ReadPending(tests::Logged(entry));
  EXPECT_OK(pending);
  return *std::move(pending);
}

Words Approving() {
  Words words;
  words.verdict = v1::APPROVE;
  words.approver = "alice";
  words.now = absl::FromUnixMillis(1700000100000);
  words.life = absl::Minutes(10);
  words.origin = "bootseal.example/audit";
  words.policy_sha256 = std::string(32, 'p');
  return words;
}

TEST(MadeStatement, IsAboutTheRequestAndNothingElse) {
  const Pending pending = Read(tests::SampleSigning());
  const auto statement = MakeStatement(pending, Approving());
  ASSERT_OK(statement);
  const v1::SigningEvent& signing = pending.entry.signing();
  EXPECT_EQ(statement->subject_sha256(), signing.subject_sha256());
  EXPECT_EQ(statement->target(), "guarded");
  EXPECT_EQ(statement->requester(), "ci");
  EXPECT_EQ(statement->version(), "1.2.3+4");
  EXPECT_EQ(statement->security_counter(), 7u);
  EXPECT_EQ(statement->payload_sha256(), signing.payload_sha256());
  EXPECT_EQ(statement->origin(), "bootseal.example/audit");
  EXPECT_EQ(statement->verdict(), v1::APPROVE);
  // A minute earlier, for clocks that differ; as long as was asked for.
  EXPECT_EQ(statement->not_before_unix_ms(), 1700000040000);
  EXPECT_EQ(statement->not_after_unix_ms(), 1700000640000);
}

TEST(MadeStatement, IsAnotherEachTime) {
  const Pending pending = Read(tests::SampleSigning());
  EXPECT_NE(MakeStatement(pending, Approving())->nonce(),
            MakeStatement(pending, Approving())->nonce());
}

TEST(MadeStatement, IsAboutAKeyChange) {
  const Pending pending = Read(tests::SampleKeyChange());
  const auto statement = MakeStatement(pending, Approving());
  ASSERT_OK(statement);
  EXPECT_EQ(statement->key_change().SerializeAsString(),
            pending.entry.key().change().SerializeAsString());
  EXPECT_EQ(statement->target(), "");
}

TEST(MadeStatement, SaysWhatItAllowsToBeLower) {
  v1::Entry entry = tests::SampleSigning();
  entry.mutable_signing()->set_lowers_security_counter_from(9);
  Words words = Approving();
  EXPECT_THAT(MakeStatement(Read(entry), words),
              StatusIs(kInvalid, "LOWERS_SECURITY_COUNTER"));
  words.allows_lower_security_counter = true;
  ASSERT_OK(MakeStatement(Read(entry), words));
  EXPECT_TRUE(
      MakeStatement(Read(entry), words)->allows_lower_security_counter());
  entry.mutable_signing()->set_lowers_version_from("2.0.0");
  EXPECT_THAT(MakeStatement(Read(entry), words),
              StatusIs(kInvalid, "LOWERS_VERSION"));
  words.allows_lower_version = true;
  EXPECT_OK(MakeStatement(Read(entry), words));
}

TEST(MadeStatement, AllowsNothingThatIsNotAskedFor) {
  Words words = Approving();
  words.allows_lower_version = true;
  EXPECT_THAT(MakeStatement(Read(tests::SampleSigning()), words),
              StatusIs(kInvalid, "NOTHING_LOWERED"));
  words = Approving();
  words.allows_lower_security_counter = true;
  EXPECT_THAT(MakeStatement(Read(tests::SampleKeyChange()), words),
              StatusIs(kInvalid, "NOTHING_LOWERED"));
}

TEST(MadeDenial, NeedsAReasonAndNoWordAboutWhatIsLower) {
  v1::Entry entry = tests::SampleSigning();
  entry.mutable_signing()->set_lowers_version_from("2.0.0");
  Words words = Approving();
  words.verdict = v1::DENY;
  EXPECT_THAT(MakeStatement(Read(entry), words),
              StatusIs(kInvalid, "APPROVAL_MALFORMED"));
  words.reason = "not this week";
  EXPECT_OK(MakeStatement(Read(entry), words));
}

TEST(MadeStatement, WithoutOriginOrPolicyIsNone) {
  Words words = Approving();
  words.origin.clear();
  EXPECT_THAT(MakeStatement(Read(tests::SampleSigning()), words),
              StatusIs(kInvalid, "APPROVAL_MALFORMED"));
  words = Approving();
  words.policy_sha256.clear();
  EXPECT_THAT(MakeStatement(Read(tests::SampleSigning()), words),
              StatusIs(kInvalid, "APPROVAL_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::approval

#include "client/approval/pending_text.h"

#include <gtest/gtest.h>

#include "client/approval/recompute.h"
#include "client/approval/statement.h"
#include "server/trust/approval.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/support/status_matchers.h"

namespace bootseal::approval {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Review ReviewOf(const v1::Entry& entry) {
  Review review;
  auto pending = ReadPending(tests::Logged(entry));
  EXPECT_OK(pending);
  review.pending = *std::move(pending);
  review.request.set_state(v1::WAITING);
  review.request.set_needed(2);
  review.request.add_counted("alice");
  return review;
}

LastRelease Before() {
  LastRelease last;
  last.index = 5;
  last.entry = tests::SampleSigning();
  v1::SigningEvent& signing = *last.entry.mutable_signing();
  signing.set_decision(v1::ALLOWED);
  signing.set_version("1.2.2");
  signing.set_payload_size(900);
  return last;
}

TEST(ShownRequest, SaysWhatWouldBeSignedForWhomAndHowToComputeIt) {
  const Review review = ReviewOf(tests::SampleSigning());
  EXPECT_THAT(
      Describe(review),
      AllOf(HasSubstr(IdOf(review.pending)), HasSubstr("guarded"),
            HasSubstr("1.2.3+4"), HasSubstr("1000 bytes, sha256"),
            HasSubstr("0x00a5=73626f6d"), HasSubstr("repository_id: 4711"),
            HasSubstr("started by"), HasSubstr("dave"),
            HasSubstr("1/2 counted: alice"), HasSubstr("2023-11-14T22:23:20Z"),
            HasSubstr(RecomputeCommands(review.pending))));
}

TEST(ShownRequest, IsComparedWithTheLastRelease) {
  Review review = ReviewOf(tests::SampleSigning());
  EXPECT_THAT(Describe(review), HasSubstr("knows no release"));
  review.last_release = Before();
  EXPECT_THAT(Describe(review),
              AllOf(HasSubstr("which the server says is the last release"),
                    HasSubstr("! version"), HasSubstr("1.2.2"),
                    HasSubstr("! payload_size"), HasSubstr("900"),
                    Not(HasSubstr("! key")), Not(HasSubstr("! vendor_tlvs"))));
  review.last_release->proven = true;
  EXPECT_THAT(Describe(review), HasSubstr("entry 5, which is in the log"));
  EXPECT_THAT(ToJson(review).text(),
              HasSubstr(R"("differences":[{"field":"version","before":"1.2.2",)"
                        R"("now":"1.2.3+4"},{"field":"payload_size")"));
}

TEST(ShownRequest, SaysWhatItLowers) {
  v1::Entry entry = tests::SampleSigning();
  entry.mutable_signing()->set_lowers_security_counter_from(9);
  entry.mutable_signing()->set_lowers_version_from("2.0.0");
  EXPECT_THAT(Describe(ReviewOf(entry)),
              AllOf(HasSubstr("the security counter from 9 to 7"),
                    HasSubstr("the version from 2.0.0 to 1.2.3+4")));
}

TEST(ShownRequest, ShowsApprovalsAndTextOfOthersCannotForgeALine) {
  Review review = ReviewOf(tests::SampleSigning());
  Words words;
  words.verdict = v1::DENY;
  words.approver = "audrey";
  words.reason = "no\n\033[2Japproved";
  words.now = absl::FromUnixMillis(1700000100000);
  words.origin = "bootseal.example/audit";
  words.policy_sha256 = std::string(32, 'p');
  v1::Entry entry;
  entry.mutable_approval()->mutable_envelope()->set_payload(
      trust::EncodeStatement(*MakeStatement(review.pending, words)));
  *review.request.add_approvals() = tests::Logged(entry);
  EXPECT_THAT(Describe(review),
              AllOf(HasSubstr("audrey: deny until"), Not(HasSubstr("\033"))));
  EXPECT_THAT(ToJson(review).text(),
              AllOf(HasSubstr(R"("approver":"audrey","verdict":"deny")"),
                    Not(HasSubstr("\033"))));
}

TEST(ShownRequest, OfAKeySaysWhatChanges) {
  const Review review = ReviewOf(tests::SampleKeyChange());
  EXPECT_THAT(Describe(review), AllOf(HasSubstr("rotate app-2 in place of app"),
                                      Not(HasSubstr("payload.bin"))));
  EXPECT_THAT(ToJson(review).text(),
              AllOf(HasSubstr(R"("action":"rotate","key":"app-2")"),
                    HasSubstr(R"("image":null)")));
}

TEST(ListedRequest, HasItsAge) {
  const Review review = ReviewOf(tests::SampleSigning());
  const auto row = ListRow(review, absl::FromUnixMillis(1700000090500));
  EXPECT_EQ(row.size(), ListTitles().size());
  EXPECT_EQ(row[0], IdOf(review.pending));
  EXPECT_EQ(row[4], "1m30s");
  EXPECT_EQ(row[5], "1/2");
  EXPECT_EQ(row[7], "waiting");
  EXPECT_EQ(ListRow(review, absl::UnixEpoch())[4], "0");
}

}  // namespace
}  // namespace bootseal::approval

// What the review says of keys that served or changed.
#include <gmock/gmock.h>

#include "client/review/approval_rules.h"
#include "client/review/sha256.h"
#include "tests/client/review/review_fixture.h"

namespace bootseal::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class KeyReviewTest : public ReviewTest {
 protected:
  KeyReviewTest() {
    policy_.mutable_key_approvals()->set_approvals(1);
    policy_.mutable_key_approvals()->add_approvers("release-manager");
    AddPolicy();
  }
  // Asks, and lets rita approve.
  void Change(v1::KeyAction action) {
    const auto pending = Add(KeyEvent(action, v1::PENDING));
    const auto rita = Add(Approval(Statement("rita", pending), pending));
    Add(Done(KeyEvent(action, v1::ALLOWED), pending, {rita}));
  }
};

TEST_F(KeyReviewTest, FindsNothingInAKeyThatWasApproved) {
  Change(v1::ACTIVATE);
  Add(Release("app", "1.0.0"));
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(KeyReviewTest, FindsAKeyThatServedUnapproved) {
  Add(Release("app", "1.0.0"));
  EXPECT_THAT(Found(), ElementsAre("key:KEY_NOT_APPROVED@1"));
}

TEST_F(KeyReviewTest, FindsAKeyThatServedAfterItRetired) {
  Change(v1::ACTIVATE);
  Change(v1::RETIRE);
  Add(Release("app", "1.0.0"));
  EXPECT_THAT(Found(), ElementsAre("key:KEY_RETIRED@7"));
}

TEST_F(KeyReviewTest, FindsAChangeThatNobodyApproved) {
  Add(KeyEvent(v1::ACTIVATE, v1::ALLOWED));
  EXPECT_THAT(Found(), ElementsAre("key:APPROVALS_MISSING@1"));
}

TEST_F(KeyReviewTest, FindsAChangeWithTheApprovalOfAnother) {
  const auto pending = Add(KeyEvent(v1::RETIRE, v1::PENDING));
  const auto rita = Add(Approval(Statement("rita", pending), pending));
  Add(Done(KeyEvent(v1::ACTIVATE, v1::ALLOWED), pending, {rita}));
  EXPECT_THAT(Found(), Contains("key:PENDING_DIFFERS@3"));
  EXPECT_THAT(Found(), Contains("key:APPROVAL_OTHER_REQUEST@3"));
}

TEST_F(KeyReviewTest, FindsAChangeOfAKeyThatThePolicyPinsOtherwise) {
  v1::Entry entry = KeyEvent(v1::ACTIVATE, v1::ALLOWED);
  entry.mutable_key()->mutable_change()->set_public_key_sha256(
      std::string(32, 'x'));
  Add(entry);
  EXPECT_THAT(Found(), Contains("key:KEY_CHANGE_UNPINNED@1"));
}

TEST_F(KeyReviewTest, FindsATranscriptThatIsNotTheOneThatIsToBeApproved) {
  v1::Entry entry = KeyEvent(v1::ACTIVATE, v1::PENDING);
  entry.mutable_key()->set_transcript("another text");
  entry.mutable_key()->mutable_change()->set_transcript_sha256(
      review::Sha256("the text"));
  entry.mutable_key()->set_subject_sha256(review::SubjectOf(entry));
  Add(entry);
  EXPECT_THAT(Found(), Contains("key:TRANSCRIPT_DIFFERS@1"));
}

TEST_F(KeyReviewTest, FindsATranscriptThatIsMissing) {
  v1::Entry entry = KeyEvent(v1::ACTIVATE, v1::PENDING);
  entry.mutable_key()->mutable_change()->set_transcript_sha256(
      review::Sha256("the text"));
  entry.mutable_key()->set_subject_sha256(review::SubjectOf(entry));
  Add(entry);
  EXPECT_THAT(Found(), Contains("key:TRANSCRIPT_DIFFERS@1"));
}

TEST_F(KeyReviewTest, FindsATextThatIsNoTranscript) {
  v1::Entry entry = KeyEvent(v1::ACTIVATE, v1::PENDING);
  entry.mutable_key()->set_transcript("the text");
  entry.mutable_key()->mutable_change()->set_transcript_sha256(
      review::Sha256("the text"));
  entry.mutable_key()->set_subject_sha256(review::SubjectOf(entry));
  Add(entry);
  EXPECT_THAT(Found(), Contains("key:TRANSCRIPT_ALTERED@1"));
}

}  // namespace
}  // namespace bootseal::tests

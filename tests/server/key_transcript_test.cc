// The transcript of a key ceremony, handed in with a key change: judged by the
// server, signed for by approvers, kept in the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/transcript.h"
#include "server/trust/entry.h"
#include "server/trust/key_transcript.h"
#include "tests/server/generic_call.h"
#include "tests/server/key_changes.h"
#include "tests/server/log_entries.h"
#include "tests/support/key_ceremony.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"

namespace bootseal::tests {
namespace {

using Code = absl::StatusCode;

// "auditor" asks for key changes, "developer" alone approves. Key "fresh" was
// made in a real ceremony.
class KeyTranscriptTest : public ::testing::Test {
 protected:
  KeyTranscriptTest() : approver_("developer") {
    v1::Policy& policy = server_.policy();
    for (v1::Person& person : *policy.mutable_people()) {
      if (person.name() != "developer") continue;
      person.add_approver_keys()->set_public_key(approver_.public_key());
    }
    v1::Role& approvers = *policy.add_roles();
    approvers.set_name("key-approver");
    approvers.add_members("developer");
    DemandKeyApprovals(policy, "auditor", "key-approver", 1);
    transcript_ = HoldCeremony(server_, "fresh");
    PinKeyOf(transcript_, "fresh", policy);
  }

  static v1::ChangeKeyRequest Request(v1::KeyAction action,
                                      const std::string& key,
                                      const std::string& transcript) {
    v1::ChangeKeyRequest request;
    request.mutable_change()->set_action(action);
    request.mutable_change()->set_key(key);
    request.set_request_id("change");
    request.set_transcript(transcript);
    return request;
  }
  absl::StatusOr<v1::ChangeKeyReply> Ask(const v1::ChangeKeyRequest& request) {
    return ChangeKey(server_, "auditor", request);
  }
  absl::StatusOr<v1::ChangeKeyReply> Activate(const std::string& transcript) {
    return Ask(Request(v1::ACTIVATE, "fresh", transcript));
  }

  v1::KeyEvent Pending(const v1::ChangeKeyReply& waiting) {
    const auto entry =
        trust::DecodeEntry(WaitingFor(server_, waiting).pending().entry());
    EXPECT_OK(entry);
    return entry.ok() ? entry->key() : v1::KeyEvent();
  }
  v1::ApprovalStatement StatementFor(const v1::ChangeKeyReply& waiting) {
    return KeyStatementFor(WaitingFor(server_, waiting));
  }
  absl::Status Approve(const v1::ApprovalStatement& statement) {
    return SubmitApproval(server_, approver_.Sign(statement));
  }

  // As one seals it who changes it and is not found out by the seal.
  std::string Forged(const std::string& from, const std::string& to) const {
    return base::SealTranscript(absl::StrReplaceAll(
        transcript_.substr(0, transcript_.rfind("sha256 ")), {{from, to}}));
  }

  ServerFixture server_;
  TestApprover approver_;
  std::string transcript_;
};

TEST_F(KeyTranscriptTest, IsInTheEntryThatAsksAndItsHashInWhatIsApproved) {
  server_.Start();
  const auto waiting = Activate(transcript_);
  ASSERT_OK(waiting);
  EXPECT_FALSE(waiting->done());
  const v1::KeyEvent event = Pending(*waiting);
  EXPECT_EQ(event.transcript(), transcript_);
  EXPECT_EQ(event.change().transcript_sha256(),
            trust::TranscriptHash(transcript_));
  ASSERT_OK(Approve(StatementFor(*waiting)));
  // Done, whether or not it is asked with the same text again.
  for (const std::string& text : {transcript_, std::string()}) {
    const auto done = Activate(text);
    ASSERT_OK(done);
    EXPECT_TRUE(done->done());
    EXPECT_EQ(done->pending_index(), waiting->pending_index());
  }
  v1::ListEntriesRequest allowed;
  allowed.set_decision("allowed");
  allowed.set_key("fresh");
  const auto entries = LogEntries(server_, allowed);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].key().transcript(), "");
  EXPECT_EQ(entries[0].key().change().transcript_sha256(),
            trust::TranscriptHash(transcript_));
}

TEST_F(KeyTranscriptTest, OfTheSameQuestionWaitsAsOneRequest) {
  server_.Start();
  const auto first = Activate(transcript_);
  const auto second = Activate(transcript_);
  const auto without = Activate("");
  ASSERT_OK(first);
  ASSERT_OK(second);
  ASSERT_OK(without);
  EXPECT_EQ(first->pending_index(), second->pending_index());
  EXPECT_EQ(first->subject_sha256(), second->subject_sha256());
  EXPECT_NE(first->subject_sha256(), without->subject_sha256());
}

TEST_F(KeyTranscriptTest, IsRefusedWhenItWasAlteredAndRecorded) {
  server_.Start();
  std::string altered = transcript_;
  altered[altered.find("passed")] = 'P';
  EXPECT_THAT(Activate(altered),
              StatusIs(Code::kInvalidArgument, "TRANSCRIPT_ALTERED"));
  EXPECT_THAT(Activate(Forged("step probe", "step prove")),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"));
  EXPECT_THAT(Activate(Forged("result done", "result failed")),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"));
  const auto refused = RefusedEntries(server_);
  ASSERT_EQ(refused.size(), 3U);
  for (const v1::Entry& entry : refused) {
    EXPECT_EQ(entry.key().transcript(), "");
  }
}

TEST_F(KeyTranscriptTest, IsRefusedWhenItIsOfAnotherKey) {
  const std::string other = HoldCeremony(server_, "other");
  server_.Start();
  EXPECT_THAT(Activate(other),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_OTHER_KEY"));
  EXPECT_THAT(Ask(Request(v1::ACTIVATE, "app", transcript_)),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_OTHER_KEY"));
}

TEST_F(KeyTranscriptTest, OfARotationIsTheNewKeysAndOfARetirementNone) {
  server_.Start();
  const auto app = Ask(Request(v1::ACTIVATE, "app", ""));
  ASSERT_OK(app);
  ASSERT_OK(Approve(StatementFor(*app)));
  v1::ChangeKeyRequest rotate = Request(v1::ROTATE, "fresh", transcript_);
  rotate.mutable_change()->set_replaces("app");
  const auto waiting = Ask(rotate);
  ASSERT_OK(waiting);
  ASSERT_OK(Approve(StatementFor(*waiting)));
  // The key that retired was made in no such ceremony.
  v1::ChangeKeyRequest back = Request(v1::ROTATE, "app", transcript_);
  back.mutable_change()->set_replaces("fresh");
  EXPECT_THAT(Ask(back),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_OTHER_KEY"));
  EXPECT_THAT(Ask(Request(v1::RETIRE, "fresh", transcript_)),
              StatusIs(Code::kInvalidArgument, "KEY_CHANGE_INVALID"));
}

TEST_F(KeyTranscriptTest, IsRefusedAboveItsSize) {
  server_.Start();
  EXPECT_THAT(Activate(base::SealTranscript(absl::StrCat(
                  base::kTranscriptTitle, "\nperson ",
                  std::string(base::kMaxTranscriptBytes, 'x'), "\n"))),
              StatusIs(Code::kInvalidArgument, "TRANSCRIPT_TOO_LARGE"));
}

TEST_F(KeyTranscriptTest, IsRefusedWhenItIsNotUtf8) {
  server_.Start();
  EXPECT_THAT(Activate(Forged("plan ", "person \x1b[2J\nplan ")),
              StatusIs(Code::kInvalidArgument, "TRANSCRIPT_ENCODING"));
  // Protobuf's own writer would refuse it: the bytes as another client sends
  // them.
  std::string bytes =
      Request(v1::ACTIVATE, "fresh", "transcript!").SerializeAsString();
  bytes = absl::StrReplaceAll(bytes, {{"transcript!", "transcript\xff"}});
  EXPECT_FALSE(GenericCall(server_.Channel("auditor"),
                           "/bootseal.v1.KeyService/ChangeKey", bytes)
                   .ok());
  v1::ListEntriesRequest pending;
  pending.set_decision("pending");
  EXPECT_TRUE(LogEntries(server_, pending).empty());
}

TEST_F(KeyTranscriptTest, AnApprovalOfAnotherTranscriptIsNone) {
  server_.Start();
  const auto waiting = Activate(transcript_);
  ASSERT_OK(waiting);
  const v1::ApprovalStatement statement = StatementFor(*waiting);
  v1::ApprovalStatement other = statement;
  other.mutable_key_change()->set_transcript_sha256(std::string(32, 'x'));
  EXPECT_THAT(Approve(other),
              StatusIs(Code::kPermissionDenied, "KEY_CHANGE_DIFFERS"));
  other.mutable_key_change()->clear_transcript_sha256();
  EXPECT_THAT(Approve(other),
              StatusIs(Code::kPermissionDenied, "KEY_CHANGE_DIFFERS"));
  EXPECT_OK(Approve(statement));
}

TEST_F(KeyTranscriptTest, TheHashIsTheServersToSay) {
  server_.Start();
  v1::ChangeKeyRequest request = Request(v1::ACTIVATE, "fresh", "");
  request.mutable_change()->set_transcript_sha256(std::string(32, 'x'));
  const auto waiting = Ask(request);
  ASSERT_OK(waiting);
  EXPECT_EQ(Pending(*waiting).change().transcript_sha256(), "");
}

TEST_F(KeyTranscriptTest, OutlivesTheServer) {
  server_.Start();
  const auto waiting = Activate(transcript_);
  ASSERT_OK(waiting);
  server_.Stop();
  server_.Start();
  const auto again = Activate(transcript_);
  ASSERT_OK(again);
  EXPECT_EQ(again->subject_sha256(), waiting->subject_sha256());
  EXPECT_EQ(again->pending_index(), waiting->pending_index());
}

}  // namespace
}  // namespace bootseal::tests

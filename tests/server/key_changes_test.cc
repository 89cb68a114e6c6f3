// Keys of a policy with key_approvals: none serves before people have said so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/key_changes.h"
#include "tests/server/log_entries.h"
#include "tests/support/key_ceremony.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Code = absl::StatusCode;

// "ci" may ask for images, "auditor" for key changes; "developer" and "second"
// approve.
class KeyChangesTest : public ::testing::Test {
 protected:
  KeyChangesTest() : first_("developer"), second_("second") {
    server_.AddKey("next", hsm::Algorithm::kP256);
    server_.AddTarget("next", "next");
    v1::Policy& policy = server_.policy();
    AddPerson("second", second_);
    for (v1::Person& person : *policy.mutable_people()) {
      if (person.name() == "developer") AddKey(first_, person);
    }
    DemandKeyApprovals(policy, "auditor", "key-approver", 2).add_members("ci");
    v1::Role& approvers = *policy.add_roles();
    approvers.set_name("key-approver");
    for (const char* name : {"developer", "second", "auditor"}) {
      approvers.add_members(name);
    }
  }

  static void AddKey(const TestApprover& approver, v1::Person& person) {
    person.add_approver_keys()->set_public_key(approver.public_key());
  }
  void AddPerson(const std::string& name, const TestApprover& approver) {
    v1::Person& person = *server_.policy().add_people();
    person.set_name(name);
    person.add_subjects("spiffe://dev.bootseal.example/" + name);
    AddKey(approver, person);
  }

  absl::StatusOr<v1::ChangeKeyReply> Change(v1::KeyAction action,
                                            const std::string& key,
                                            const std::string& replaces = "",
                                            const std::string& as = "auditor") {
    v1::ChangeKeyRequest request;
    request.mutable_change()->set_action(action);
    request.mutable_change()->set_key(key);
    request.mutable_change()->set_replaces(replaces);
    request.set_request_id("change");
    return ChangeKey(server_, as, request);
  }

  v1::ApprovalStatement StatementFor(const v1::ChangeKeyReply& waiting) {
    return KeyStatementFor(WaitingFor(server_, waiting));
  }

  absl::Status Submit(const v1::DsseEnvelope& envelope) {
    return SubmitApproval(server_, envelope);
  }

  void ApproveByBoth(const v1::ChangeKeyReply& waiting) {
    const v1::ApprovalStatement statement = StatementFor(waiting);
    ASSERT_OK(Submit(first_.Sign(statement)));
    ASSERT_OK(Submit(second_.Sign(statement)));
  }
  void Make(v1::KeyAction action, const std::string& key,
            const std::string& replaces = "") {
    const auto waiting = Change(action, key, replaces);
    ASSERT_OK(waiting);
    ASSERT_FALSE(waiting->done());
    ApproveByBoth(*waiting);
  }

  absl::Status SignFor(const std::string& target) {
    return SignFor(target, server_.Channel("ci"));
  }
  static absl::Status SignFor(const std::string& target,
                              const std::shared_ptr<grpc::Channel>& channel) {
    const std::string payload = TestPayload(1000);
    v1::SignHeader header = HeaderFor(payload);
    header.set_target(target);
    return Sign(channel, header, payload).status();
  }

  ServerFixture server_;
  TestApprover first_;
  TestApprover second_;
};

TEST_F(KeyChangesTest, AKeyServesOnceEnoughPeopleHaveApproved) {
  server_.Start();
  EXPECT_THAT(SignFor("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
  const auto waiting = Change(v1::ACTIVATE, "app");
  ASSERT_OK(waiting);
  EXPECT_FALSE(waiting->done());
  const v1::ApprovalStatement statement = StatementFor(*waiting);
  ASSERT_OK(Submit(first_.Sign(statement)));
  EXPECT_THAT(SignFor("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
  ASSERT_OK(Submit(second_.Sign(statement)));
  EXPECT_OK(SignFor("app"));
  EXPECT_THAT(SignFor("next"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
}

TEST_F(KeyChangesTest, TheSameQuestionLaterSaysThatItIsDone) {
  server_.Start();
  const auto waiting = Change(v1::ACTIVATE, "app");
  ASSERT_OK(waiting);
  const auto again = Change(v1::ACTIVATE, "app");
  ASSERT_OK(again);
  EXPECT_EQ(again->pending_index(), waiting->pending_index());
  ApproveByBoth(*waiting);
  const auto done = Change(v1::ACTIVATE, "app");
  ASSERT_OK(done);
  EXPECT_TRUE(done->done());
  EXPECT_EQ(done->pending_index(), waiting->pending_index());
}

TEST_F(KeyChangesTest, ARetiredKeySignsNoMore) {
  server_.Start();
  Make(v1::ACTIVATE, "app");
  ASSERT_OK(SignFor("app"));
  Make(v1::RETIRE, "app");
  EXPECT_THAT(SignFor("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_RETIRED"));
}

TEST_F(KeyChangesTest, NothingIsReleasedBehindTheEntryThatRetiresItsKey) {
  server_.Start();
  Make(v1::ACTIVATE, "app");
  const auto waiting = Change(v1::RETIRE, "app");
  ASSERT_OK(waiting);
  std::atomic<bool> ended = false;
  std::atomic<int> released = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&, channel = server_.Channel("ci")] {
      while (!ended) {
        if (SignFor("app", channel).ok()) ++released;
      }
    });
  }
  while (released < 64) std::this_thread::yield();
  ApproveByBoth(*waiting);
  ended = true;
  for (std::thread& caller : callers) caller.join();
  v1::ListEntriesRequest request;
  request.set_decision("allowed");
  request.set_key("app");
  request.set_limit(1000);
  const std::vector<v1::Entry> entries = LogEntries(server_, request);
  ASSERT_FALSE(entries.empty());
  ASSERT_LT(entries.size(), 1000u);
  EXPECT_EQ(entries.back().key().change().action(), v1::RETIRE)
      << entries.back().DebugString();
}

TEST_F(KeyChangesTest, ARotationChangesBothKeysAtOnce) {
  server_.Start();
  Make(v1::ACTIVATE, "app");
  Make(v1::ROTATE, "next", "app");
  EXPECT_THAT(SignFor("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_RETIRED"));
  EXPECT_OK(SignFor("next"));
}

TEST_F(KeyChangesTest, TheStateOutlivesTheServer) {
  server_.Start();
  Make(v1::ACTIVATE, "app");
  server_.Stop();
  server_.Start();
  EXPECT_OK(SignFor("app"));
}

TEST_F(KeyChangesTest, OnePersonIsNotEnoughTwice) {
  server_.Start();
  const auto waiting = Change(v1::ACTIVATE, "app");
  ASSERT_OK(waiting);
  v1::ApprovalStatement statement = StatementFor(*waiting);
  ASSERT_OK(Submit(first_.Sign(statement)));
  statement.set_nonce(std::string(16, 'm'));
  Submit(first_.Sign(statement)).IgnoreError();
  EXPECT_THAT(SignFor("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
}

TEST_F(KeyChangesTest, WhatWasApprovedForOneKeyIsNothingForAnother) {
  server_.Start();
  const auto app = Change(v1::ACTIVATE, "app");
  const auto next = Change(v1::ACTIVATE, "next");
  ASSERT_OK(app);
  ASSERT_OK(next);
  v1::ApprovalStatement statement = StatementFor(*app);
  statement.set_subject_sha256(next->subject_sha256());
  EXPECT_THAT(Submit(first_.Sign(statement)),
              StatusIs(Code::kPermissionDenied, "KEY_CHANGE_DIFFERS"));
}

TEST_F(KeyChangesTest, OneDenialStopsIt) {
  server_.Start();
  const auto waiting = Change(v1::ACTIVATE, "app");
  ASSERT_OK(waiting);
  v1::ApprovalStatement statement = StatementFor(*waiting);
  ASSERT_OK(Submit(first_.Sign(statement)));
  statement.set_verdict(v1::DENY);
  statement.set_reason("not this year");
  ASSERT_OK(Submit(second_.Sign(statement)));
  const auto again = Change(v1::ACTIVATE, "app");
  EXPECT_THAT(again, StatusIs(Code::kPermissionDenied, "REQUEST_DENIED"));
  EXPECT_THAT(std::string(again.status().message()),
              AllOf(HasSubstr("not this year"),
                    HasSubstr("revoked_approvals can open again")));
  EXPECT_THAT(SignFor("app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_APPROVED"));
}

TEST_F(KeyChangesTest, WhoMayNotManageKeysIsRefusedAndRecorded) {
  server_.Start();
  EXPECT_THAT(Change(v1::ACTIVATE, "app", "", "developer"),
              StatusIs(Code::kPermissionDenied, "WRONG_ROLE"));
  const auto refused = RefusedEntries(server_);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].access().rpc(), "KeyService.ChangeKey");
}

TEST_F(KeyChangesTest, NonsenseIsRefusedAndRecorded) {
  server_.Start();
  EXPECT_THAT(Change(v1::RETIRE, "app"),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_ACTIVE"));
  EXPECT_THAT(Change(v1::ACTIVATE, "none"),
              StatusIs(Code::kNotFound, "UNKNOWN_KEY"));
  EXPECT_THAT(Change(v1::ROTATE, "next"),
              StatusIs(Code::kInvalidArgument, "KEY_CHANGE_INVALID"));
  EXPECT_EQ(RefusedEntries(server_).size(), 3U);
}

TEST_F(KeyChangesTest, WithoutAQuorumEveryPinnedKeyServes) {
  server_.policy().clear_key_approvals();
  server_.Start();
  EXPECT_OK(SignFor("app"));
  EXPECT_THAT(Change(v1::ACTIVATE, "app"),
              StatusIs(Code::kFailedPrecondition, "KEY_APPROVALS_NOT_SET"));
}

}  // namespace
}  // namespace bootseal::tests

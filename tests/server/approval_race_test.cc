// What is decided from the log holds when others append at the same time.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

class ApprovalRace : public ApprovalFixture {
 protected:
  std::vector<v1::Entry> Released(const std::string& target) {
    v1::ListEntriesRequest request;
    request.set_decision("allowed");
    request.set_target(target);
    request.set_limit(1000);
    return LogEntries(server_, request);
  }
};

TEST_F(ApprovalRace, NoReleaseGoesBelowOneThatWasFaster) {
  server_.Start();
  constexpr std::uint32_t kCallers = 8;
  constexpr std::uint32_t kRounds = 12;
  std::atomic<int> lowered = 0;
  std::vector<std::thread> callers;
  for (std::uint32_t caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      const auto channel = server_.Channel("ci");
      for (std::uint32_t round = 0; round < kRounds; ++round) {
        v1::SignHeader header = HeaderFor(payload_);
        header.set_request_id(absl::StrCat("race-", caller, "-", round));
        // All at once, each lower than the last, then a round above.
        header.set_security_counter(round * kCallers + kCallers - caller);
        const auto reply = Sign(channel, header, payload_);
        if (reply.ok()) continue;
        EXPECT_THAT(reply, StatusIs(absl::StatusCode::kFailedPrecondition,
                                    "SECURITY_COUNTER_LOWERED"));
        ++lowered;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const std::vector<v1::Entry> released = Released("app");
  EXPECT_EQ(released.size() + static_cast<std::size_t>(lowered),
            kCallers * kRounds);
  std::uint32_t last = 0;
  for (const v1::Entry& entry : released) {
    EXPECT_GE(entry.signing().security_counter(), last);
    last = entry.signing().security_counter();
  }
  EXPECT_GT(lowered, 0) << "nothing raced";
}

TEST_F(ApprovalRace, ADenialComesBeforeTheReleaseOrNotAtAll) {
  server_.Start();
  int denied_first = 0;
  int released_first = 0;
  for (int round = 0; round < 20; ++round) {
    v1::SignHeader header = GuardedHeader();
    header.set_version(absl::StrCat("1.0.", round));
    const v1::ApprovalRequest request = Waiting(header);
    Approve(request, {&alice_, &bob_});
    const v1::DsseEnvelope denial = carol_.Sign(DenialFor(request, "stop"));
    absl::Status denied;
    std::thread denier([&] { denied = Submit(denial).status(); });
    const auto reply = Ask(header);
    denier.join();
    EXPECT_NE(reply.ok(), denied.ok()) << reply.status() << " " << denied;
    if (reply.ok()) {
      ++released_first;
      EXPECT_THAT(denied, StatusIs(absl::StatusCode::kFailedPrecondition,
                                   "NOT_WAITING"));
    } else {
      ++denied_first;
      EXPECT_THAT(reply, StatusIs(absl::StatusCode::kPermissionDenied,
                                  "REQUEST_DENIED"));
    }
  }
  EXPECT_EQ(Released("guarded").size(),
            static_cast<std::size_t>(released_first));
  RecordProperty("denied_first", denied_first);
}

TEST_F(ApprovalRace, ADenialStandsWhenTheTargetAsksNobodyAnyMore) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  ASSERT_OK(Submit(carol_.Sign(DenialFor(request, "stop"))));
  guarded().set_approvals(0);
  Reload();
  const auto denied =
      StatusIs(absl::StatusCode::kPermissionDenied, "REQUEST_DENIED");
  EXPECT_THAT(Ask(GuardedHeader()), denied);
  // Nor does the server forget it.
  server_.Stop();
  server_.Start();
  const auto again = Ask(GuardedHeader());
  EXPECT_THAT(again, denied);
  EXPECT_NE(DetailOf(again.status(), "subject"), "");
  EXPECT_TRUE(Released("guarded").empty());
  // Other content, and the same of another requester, nobody denied.
  EXPECT_OK(Ask(GuardedHeader(), "ci2"));
  v1::SignHeader other = GuardedHeader();
  other.set_version("9.9.9");
  EXPECT_OK(Ask(other));
}

TEST_F(ApprovalRace, ManyThatAskForTheSameWaitOnceAndGetOneRelease) {
  server_.Start();
  const auto ask_all = [&] {
    std::vector<absl::StatusOr<v1::SignReply>> replies(
        8, absl::UnknownError("not yet"));
    std::vector<std::thread> callers;
    for (auto& reply : replies) {
      callers.emplace_back([&, header = GuardedHeader()] {
        reply = Sign(server_.Channel("ci"), header, payload_);
      });
    }
    for (std::thread& caller : callers) caller.join();
    return replies;
  };
  std::string subject;
  for (const auto& reply : ask_all()) {
    EXPECT_THAT(reply, StatusIs(absl::StatusCode::kFailedPrecondition,
                                "APPROVALS_REQUIRED"));
    subject = DetailOf(reply.status(), "subject");
  }
  EXPECT_EQ(PendingEntries().size(), 1u);
  const auto request = Get(subject, "alice");
  ASSERT_OK(request);
  Approve(*request, {&alice_, &bob_});
  std::string tlvs;
  for (const auto& reply : ask_all()) {
    ASSERT_OK(reply);
    if (tlvs.empty()) tlvs = reply->tlvs();
    EXPECT_EQ(reply->tlvs(), tlvs);
  }
  EXPECT_EQ(Released("guarded").size(), 1u);
}

TEST_F(ApprovalRace, OnePersonCountsOnceHoweverManyKeysAreUsedAtOnce) {
  std::vector<std::unique_ptr<TestApprover>> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back(std::make_unique<TestApprover>("alice"));
    PersonNamed("alice").add_approver_keys()->set_public_key(
        keys.back()->public_key());
  }
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  std::vector<v1::DsseEnvelope> envelopes;
  for (const auto& key : keys) {
    envelopes.push_back(key->Sign(StatementFor(request)));
  }
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (const v1::DsseEnvelope& envelope : envelopes) {
    threads.emplace_back([&, envelope] {
      const auto reply = Submit(envelope);
      if (reply.ok()) return void(++taken);
      EXPECT_THAT(reply, StatusIs(absl::StatusCode::kFailedPrecondition,
                                  "ALREADY_APPROVED"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1);
  EXPECT_THAT(
      Ask(GuardedHeader()),
      StatusIs(absl::StatusCode::kFailedPrecondition, "APPROVALS_REQUIRED"));
}

}  // namespace
}  // namespace bootseal::tests

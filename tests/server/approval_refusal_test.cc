// What does not count as an approval, through the real server: refused, and in
// the log as that.
#include <gmock/gmock.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "server/trust/parts.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

class ApprovalRefusal : public ApprovalFixture {
 protected:
  auto Refused(const char* reason) {
    return StatusIs(absl::StatusCode::kPermissionDenied, reason);
  }
  // Nothing was gained.
  void ExpectStillWaits() {
    const auto asked = Ask(GuardedHeader());
    EXPECT_THAT(asked, StatusIs(absl::StatusCode::kFailedPrecondition,
                                "APPROVALS_REQUIRED"));
    EXPECT_EQ(Releases(server_), 0u);
  }
};

struct Spoilt {
  const char* reason;
  std::function<void(v1::ApprovalStatement&)> spoil;
};

TEST_F(ApprovalRefusal, ComesToWhatIsAboutSomethingElse) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Approve(request, {&alice_});
  const Spoilt kSpoilt[] = {
      {"ORIGIN_DIFFERS", [](auto& s) { s.set_origin("staging.example/log"); }},
      {"TARGET_DIFFERS", [](auto& s) { s.set_target("app"); }},
      {"REQUESTER_DIFFERS", [](auto& s) { s.set_requester("ci2"); }},
      {"PAYLOAD_DIFFERS",
       [](auto& s) { s.set_payload_sha256(std::string(32, 'x')); }},
      {"VERSION_DIFFERS", [](auto& s) { s.set_version("1.2.4"); }},
      {"SECURITY_COUNTER_DIFFERS", [](auto& s) { s.set_security_counter(1); }},
      {"APPROVER_DIFFERS", [](auto& s) { s.set_approver("carol"); }},
      {"APPROVAL_EXPIRED",
       [](auto& s) {
         s.set_not_after_unix_ms(s.not_before_unix_ms() - 1000);
         s.set_not_before_unix_ms(s.not_before_unix_ms() - 3'600'000);
       }},
      {"APPROVAL_NOT_YET",
       [](auto& s) {
         s.set_not_before_unix_ms(s.not_before_unix_ms() + 3'000'000);
       }},
      {"APPROVAL_TOO_LONG",
       [](auto& s) {
         s.set_not_after_unix_ms(s.not_before_unix_ms() + 604'800'001);
       }},
  };
  for (const Spoilt& each : kSpoilt) {
    v1::ApprovalStatement statement = StatementFor(request);
    each.spoil(statement);
    EXPECT_THAT(Submit(bob_.Sign(statement)), Refused(each.reason));
  }
  ExpectStillWaits();
  std::size_t recorded = 0;
  for (const v1::Entry& entry : RefusedEntries(server_)) {
    if (entry.access().rpc() == "ApprovalService.SubmitApproval") ++recorded;
  }
  EXPECT_EQ(recorded, std::size(kSpoilt));
}

TEST_F(ApprovalRefusal, ComesToAnApprovalOfAnotherDigest) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  v1::ApprovalStatement statement = StatementFor(request);
  statement.set_subject_sha256(std::string(32, 'x'));
  EXPECT_THAT(Submit(alice_.Sign(statement)),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_REQUEST"));
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, ComesToAnApprovalThatIsMovedToAnotherRequest) {
  server_.Start();
  v1::SignHeader other = GuardedHeader();
  other.set_version("1.2.4");
  Approve(Waiting(other), {&alice_, &bob_});
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  EXPECT_EQ(request.counted_size(), 0);
  v1::ApprovalStatement moved = StatementFor(request);
  moved.set_version("1.2.4");
  EXPECT_THAT(Submit(carol_.Sign(moved)), Refused("VERSION_DIFFERS"));
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, ComesToAnEditedByte) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  const v1::DsseEnvelope good = alice_.Sign(StatementFor(request));
  for (std::size_t i = 0; i < good.payload().size(); i += 7) {
    v1::DsseEnvelope edited = good;
    (*edited.mutable_payload())[i] ^= 1;
    EXPECT_FALSE(Submit(edited).ok()) << "byte " << i;
  }
  v1::DsseEnvelope edited = good;
  edited.mutable_signatures(0)->mutable_sig()->back() ^= 1;
  EXPECT_FALSE(Submit(edited).ok());
  EXPECT_EQ(
      Get(request.origin().empty() ? "" : GuardedHeader().request_id(), "ci")
          .ok(),
      false);
  EXPECT_OK(Submit(good));
}

TEST_F(ApprovalRefusal, ComesToAnUnknownKey) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  const TestApprover impostor("alice");
  EXPECT_THAT(Submit(impostor.Sign(StatementFor(request))),
              Refused("UNKNOWN_APPROVER_KEY"));
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, ComesToARetiredKeyBeforeAndAfter) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Approve(request, {&alice_, &bob_});
  PersonNamed("bob").mutable_approver_keys(0)->set_retired(true);
  Reload();
  ExpectStillWaits();
  const v1::ApprovalRequest now = Waiting(GuardedHeader());
  EXPECT_EQ(now.counted_size(), 1);
  EXPECT_THAT(Submit(bob_.Sign(StatementFor(now))),
              Refused("APPROVER_KEY_RETIRED"));
  Approve(now, {&carol_});
  EXPECT_OK(Ask(GuardedHeader()));
}

TEST_F(ApprovalRefusal, ComesToWhatThePolicyRevokes) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  const v1::DsseEnvelope bobs = bob_.Sign(StatementFor(request));
  Approve(request, {&alice_});
  ASSERT_OK(Submit(bobs));
  server_.policy().add_revoked_approvals(
      absl::BytesToHexString(trust::Sha256Of(bobs.payload())));
  Reload();
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, ComesToAnotherPolicyThanTheOneInForce) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Reload();
  EXPECT_THAT(
      Submit(alice_.Sign(StatementFor(request))),
      StatusIs(absl::StatusCode::kFailedPrecondition, "POLICY_DIFFERS"));
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, ComesToWhoIsNoApprover) {
  const TestApprover dave("dave");
  server_.AddPerson("dave", "developer")
      .add_approver_keys()
      ->set_public_key(dave.public_key());
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  EXPECT_THAT(Submit(dave.Sign(StatementFor(request))),
              Refused("NOT_AN_APPROVER"));
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, ComesToTheRequestersOwn) {
  guarded().add_requesters("release-manager");
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader(), "alice");
  EXPECT_THAT(Submit(alice_.Sign(StatementFor(request)), "alice"),
              Refused("OWN_REQUEST"));
  Approve(request, {&bob_, &carol_});
  EXPECT_OK(Ask(GuardedHeader(), "alice"));
}

TEST_F(ApprovalRefusal, ComesToOnePersonTwice) {
  const TestApprover second("alice");
  PersonNamed("alice").add_approver_keys()->set_public_key(second.public_key());
  server_.AddPerson("spare", "developer");
  // Two identities and two keys of one person.
  PersonNamed("alice").add_subjects("dev.bootseal.example CN=alice");
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  const v1::DsseEnvelope first = alice_.Sign(StatementFor(request));
  ASSERT_OK(Submit(first, "alice"));
  EXPECT_THAT(Submit(first, "alice"),
              StatusIs(absl::StatusCode::kAlreadyExists, "APPROVAL_REPLAYED"));
  EXPECT_THAT(
      Submit(second.Sign(StatementFor(request)), "ci2"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "ALREADY_APPROVED"));
  ExpectStillWaits();
}

TEST_F(ApprovalRefusal, FollowsADenial) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Approve(request, {&alice_, &bob_});
  const auto denied =
      Submit(carol_.Sign(DenialFor(request, "wrong branch")), "carol");
  ASSERT_OK(denied);
  EXPECT_EQ(denied->request().state(), v1::DENIED);
  const auto asked = Ask(GuardedHeader());
  EXPECT_THAT(asked, Refused("REQUEST_DENIED"));
  EXPECT_THAT(std::string(asked.status().message()),
              HasSubstr("carol denied it"));
  EXPECT_THAT(std::string(asked.status().message()), HasSubstr("wrong branch"));
  EXPECT_EQ(Releases(server_), 0u);
  EXPECT_THAT(Submit(alice_.Sign(StatementFor(request))),
              Refused("REQUEST_DENIED"));
  const std::vector<v1::Entry> refused = RefusedEntries(server_);
  ASSERT_FALSE(refused.empty());
  EXPECT_EQ(refused.front().signing().rule(), "target.approvals");
  EXPECT_EQ(refused.front().signing().pending_index(),
            request.pending().index());
}

TEST_F(ApprovalRefusal, FollowsTheRelease) {
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  Approve(request, {&alice_, &bob_});
  ASSERT_OK(Ask(GuardedHeader()));
  EXPECT_THAT(Submit(carol_.Sign(DenialFor(request, "too late"))),
              StatusIs(absl::StatusCode::kFailedPrecondition, "NOT_WAITING"));
}

}  // namespace
}  // namespace bootseal::tests

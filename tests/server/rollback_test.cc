// The rollback guard, through the real server.
#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

class RollbackGuard : public ApprovalFixture {
 protected:
  RollbackGuard() { guarded().set_approvals(0); }

  v1::SignHeader Header(const std::string& target, const std::string& version,
                        std::uint32_t counter) {
    v1::SignHeader header = HeaderFor(payload_);
    header.set_target(target);
    header.set_version(version);
    header.set_security_counter(counter);
    return header;
  }

  v1::EvaluateReply Evaluate(const v1::SignHeader& header) {
    const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
    grpc::ClientContext context;
    v1::EvaluateRequest request;
    *request.mutable_header() = header;
    v1::EvaluateReply reply;
    EXPECT_TRUE(stub->Evaluate(&context, request, &reply).ok());
    return reply;
  }
};

TEST_F(RollbackGuard, RefusesALowerCounterWhereNobodyMayApproveIt) {
  server_.Start();
  ASSERT_OK(Ask(Header("app", "1.0.0", 5)));
  ASSERT_OK(Ask(Header("app", "1.0.0", 5)));
  const auto lowered = StatusIs(absl::StatusCode::kFailedPrecondition,
                                "SECURITY_COUNTER_LOWERED");
  EXPECT_THAT(Ask(Header("app", "1.0.1", 4)), lowered);
  EXPECT_THAT(Ask(Header("app", "1.0.1", 0)), lowered);
  const auto refused = RefusedEntries(server_);
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].signing().rule(), "security_counter_rollback");
  EXPECT_EQ(refused[0].signing().lowers_security_counter_from(), 5u);
  // Targets do not share it.
  EXPECT_OK(Ask(Header("guarded", "1.0.1", 4)));
}

TEST_F(RollbackGuard, IsNotPassedByLeavingTheCounterOutOnce) {
  server_.Start();
  ASSERT_OK(Ask(Header("app", "1.0.0", 5)));
  v1::SignHeader without = Header("app", "1.0.1", 0);
  without.clear_security_counter();
  for (int i = 0; i < 2; ++i) {
    without.set_request_id(absl::StrCat("without-", i));
    const auto reply = Ask(without);
    ASSERT_OK(reply);
    EXPECT_FALSE(EventOf(*reply).has_security_counter());
    EXPECT_EQ(EventOf(*reply).security_counter_before(), 5u);
  }
  EXPECT_THAT(Ask(Header("app", "1.0.2", 4)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "SECURITY_COUNTER_LOWERED"));
  EXPECT_OK(Ask(Header("app", "1.0.2", 5)));
}

TEST_F(RollbackGuard, RemembersAfterARestart) {
  server_.Start();
  ASSERT_OK(Ask(Header("app", "1.0.0", 5)));
  server_.Stop();
  server_.Start();
  EXPECT_THAT(Ask(Header("app", "1.0.1", 4)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "SECURITY_COUNTER_LOWERED"));
}

TEST_F(RollbackGuard, GivesARecordedReleaseAgainWhateverCameSince) {
  server_.Start();
  const v1::SignHeader old = Header("app", "1.0.0", 5);
  const auto first = Ask(old);
  ASSERT_OK(first);
  ASSERT_OK(Ask(Header("app", "1.0.1", 6)));
  const auto again = Ask(old);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
}

TEST_F(RollbackGuard, TakesALowerCounterThatIsApprovedExplicitly) {
  server_.Start();
  ASSERT_OK(Ask(Header("guarded", "1.0.0", 5)));
  const v1::SignHeader lower = Header("guarded", "1.0.1", 4);
  const v1::ApprovalRequest request = Waiting(lower);
  EXPECT_EQ(request.needed(), 1u);
  EXPECT_EQ(PendingEntries().at(0).signing().lowers_security_counter_from(),
            5u);
  EXPECT_THAT(
      Submit(alice_.Sign(StatementFor(request))),
      StatusIs(absl::StatusCode::kPermissionDenied, "LOWERING_NOT_ALLOWED"));
  v1::ApprovalStatement statement = StatementFor(request);
  statement.set_allows_lower_security_counter(true);
  ASSERT_OK(Submit(alice_.Sign(statement)));
  const auto reply = Ask(lower);
  ASSERT_OK(reply);
  EXPECT_EQ(EventOf(*reply).lowers_security_counter_from(), 5u);
  // That is the bar from now on.
  EXPECT_OK(Ask(Header("guarded", "1.0.1", 4)));
}

TEST_F(RollbackGuard, RefusesAsksOrPassesALowerVersionAsTheTargetSays) {
  guarded().set_lower_version(v1::ASK);
  v1::Target& pass = server_.AddTarget("pass", "app");
  pass.set_lower_version(v1::PASS);
  server_.Start();
  for (const char* target : {"app", "guarded", "pass"}) {
    ASSERT_OK(Ask(Header(target, "1.2.0", 1))) << target;
  }
  EXPECT_OK(Ask(Header("pass", "1.1.0", 1)));
  EXPECT_THAT(
      Ask(Header("app", "1.1.0", 1)),
      StatusIs(absl::StatusCode::kFailedPrecondition, "VERSION_LOWERED"));
  const v1::SignHeader lower = Header("guarded", "1.1.0", 1);
  const v1::ApprovalRequest request = Waiting(lower);
  v1::ApprovalStatement statement = StatementFor(request);
  statement.set_allows_lower_version(true);
  ASSERT_OK(Submit(alice_.Sign(statement)));
  const auto reply = Ask(lower);
  ASSERT_OK(reply);
  EXPECT_EQ(EventOf(*reply).lowers_version_from(), "1.2.0");
}

TEST_F(RollbackGuard, TellsBeforehandWhatItWouldSay) {
  guarded().set_lower_version(v1::ASK);
  server_.Start();
  ASSERT_OK(Ask(Header("app", "1.2.0", 5)));
  ASSERT_OK(Ask(Header("guarded", "1.2.0", 5)));
  EXPECT_EQ(Evaluate(Header("app", "1.2.0", 5)).decision(), v1::ALLOWED);
  const v1::EvaluateReply refused = Evaluate(Header("app", "1.2.0", 4));
  EXPECT_EQ(refused.decision(), v1::REFUSED);
  EXPECT_EQ(refused.rule(), "security_counter_rollback");
  EXPECT_EQ(refused.lowers_security_counter_from(), 5u);
  const v1::EvaluateReply asks = Evaluate(Header("guarded", "1.1.0", 4));
  EXPECT_EQ(asks.decision(), v1::PENDING);
  EXPECT_EQ(asks.approvals_needed(), 1u);
  EXPECT_EQ(asks.lowers_version_from(), "1.2.0");
}

}  // namespace
}  // namespace bootseal::tests

// Who stands behind a CI job is known before people are asked, against a real
// server.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>

#include <string>

#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/identity/bad_tokens.h"
#include "tests/server/log_entries.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Code = absl::StatusCode;

const TokenIssuer& Issuer() {
  static const auto* issuer = new TokenIssuer("https://issuer.example");
  return *issuer;
}

// "ci" is a job too, which the account of the token's actor_id started.
class ApprovalBehind : public ApprovalFixture {
 protected:
  ApprovalBehind() {
    server_.AddIssuer("github", Issuer());
    server_.policy().mutable_issuers(0)->set_behind_claim("actor_id");
    *PersonNamed("ci").add_workloads() = GoodWorkload("github");
    PersonNamed("alice").add_accounts("github 77");
  }

  absl::StatusOr<v1::SignReply> AskAsJobOf(const std::string& account) {
    JsonMembers claims = GoodClaims(Issuer());
    claims["actor_id"] = account;
    return Sign(server_.TokenChannel(Issuer().Sign(claims)), GuardedHeader(),
                payload_);
  }

  absl::Status ActivateAsJobOf(const std::string& account) {
    JsonMembers claims = GoodClaims(Issuer());
    claims["actor_id"] = account;
    v1::ChangeKeyRequest request;
    request.mutable_change()->set_action(v1::ACTIVATE);
    request.mutable_change()->set_key("app");
    request.set_request_id("change");
    grpc::ClientContext context;
    v1::ChangeKeyReply reply;
    return FromRpc(
        v1::KeyService::NewStub(server_.TokenChannel(Issuer().Sign(claims)))
            ->ChangeKey(&context, request, &reply));
  }
};

TEST_F(ApprovalBehind, IsRefusedOfAnAccountThatNobodyHas) {
  server_.Start();
  const auto reply = AskAsJobOf("\"1234567\"");
  EXPECT_THAT(reply, StatusIs(Code::kPermissionDenied, "BEHIND_UNKNOWN"));
  EXPECT_THAT(std::string(reply.status().message()),
              HasSubstr("\"github 1234567\""));
  EXPECT_THAT(AskAsJobOf("null"),
              StatusIs(Code::kPermissionDenied, "BEHIND_UNKNOWN"));
  EXPECT_EQ(List(v1::ListRequestsRequest(), "auditor")->requests_size(), 0);
}

TEST_F(ApprovalBehind, IsNoApproverOfWhatItsAccountStarted) {
  server_.Start();
  const auto asked = AskAsJobOf("\"77\"");
  ASSERT_THAT(asked, StatusIs(Code::kFailedPrecondition, "APPROVALS_REQUIRED"));
  const auto request = Get(DetailOf(asked.status(), "subject"), "bob");
  ASSERT_OK(request);
  EXPECT_THAT(Submit(alice_.Sign(StatementFor(*request))),
              StatusIs(Code::kPermissionDenied, "OWN_REQUEST"));
  EXPECT_OK(Submit(bob_.Sign(StatementFor(*request))));
}

TEST_F(ApprovalBehind, MayHaveAnAccountAlone) {
  v1::Person& dora = *server_.policy().add_people();
  dora.set_name("dora");
  dora.add_accounts("github 78");
  server_.Start();
  const auto asked = AskAsJobOf("\"78\"");
  ASSERT_THAT(asked, StatusIs(Code::kFailedPrecondition, "APPROVALS_REQUIRED"));
  const auto request = Get(DetailOf(asked.status(), "subject"), "bob");
  ASSERT_OK(request);
  Approve(*request, {&alice_, &bob_});
  EXPECT_OK(AskAsJobOf("\"78\""));
  // What was approved is not for a job of nobody.
  EXPECT_THAT(AskAsJobOf("\"79\""),
              StatusIs(Code::kPermissionDenied, "BEHIND_UNKNOWN"));
}

// The account was a bot's by the policy until somebody saw that it is alice's.
TEST_F(ApprovalBehind, IsWhoThePolicyNowSaysWhenAnApprovalComes) {
  PersonNamed("alice").clear_accounts();
  v1::Person& bot = *server_.policy().add_people();
  bot.set_name("bot");
  bot.add_accounts("github 77");
  server_.Start();
  const auto asked = AskAsJobOf("\"77\"");
  ASSERT_THAT(asked, StatusIs(Code::kFailedPrecondition, "APPROVALS_REQUIRED"));
  PersonNamed("bot").set_accounts(0, "github 80");
  PersonNamed("alice").add_accounts("github 77");
  Reload();
  const auto request = Get(DetailOf(asked.status(), "subject"), "bob");
  ASSERT_OK(request);
  EXPECT_THAT(Submit(alice_.Sign(StatementFor(*request))),
              StatusIs(Code::kPermissionDenied, "OWN_REQUEST"));
}

TEST_F(ApprovalBehind, IsNoApproverWhenNamedBehindACertificate) {
  PersonNamed("ci").clear_nobody_behind();
  PersonNamed("ci").add_behind("alice");
  server_.Start();
  const v1::ApprovalRequest request = Waiting(GuardedHeader());
  EXPECT_THAT(Submit(alice_.Sign(StatementFor(request))),
              StatusIs(Code::kPermissionDenied, "OWN_REQUEST"));
  v1::ListEntriesRequest pending;
  pending.set_decision("pending");
  const auto entries = LogEntries(server_, pending);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_THAT(entries[0].caller().also_behind(), ElementsAre("alice"));
}

TEST_F(ApprovalBehind, IsKnownBeforeAKeyChangeWaits) {
  v1::Role& role = *server_.policy().add_roles();
  role.set_name("key-admin");
  role.add_members("ci");
  role.add_permissions(v1::MANAGE_KEYS);
  server_.policy().mutable_key_approvals()->set_approvals(2);
  server_.policy().mutable_key_approvals()->add_approvers("release-manager");
  server_.Start();
  EXPECT_THAT(ActivateAsJobOf("\"1234567\""),
              StatusIs(Code::kPermissionDenied, "BEHIND_UNKNOWN"));
  EXPECT_EQ(List(v1::ListRequestsRequest(), "auditor")->requests_size(), 0);
  EXPECT_OK(ActivateAsJobOf("\"77\""));
  EXPECT_EQ(List(v1::ListRequestsRequest(), "auditor")->requests_size(), 1);
}

TEST_F(ApprovalBehind, IsDemandedOfAPolicyBeforeItServes) {
  PersonNamed("ci").clear_nobody_behind();
  EXPECT_EQ(server_.StartAndFail(), 1);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("people[0].behind: required: ci"));
}

}  // namespace
}  // namespace bootseal::tests

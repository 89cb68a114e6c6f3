// Who reads without the right to is in the log, as who asks to sign is.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <string>
#include <vector>

#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/log_entries.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using Code = absl::StatusCode;
using Channel = std::shared_ptr<grpc::Channel>;

grpc::Status GetEntry(const Channel& channel) {
  grpc::ClientContext context;
  v1::LogEntry reply;
  return v1::AuditService::NewStub(channel)->GetEntry(&context, {}, &reply);
}

grpc::Status ListEntries(const Channel& channel) {
  grpc::ClientContext context;
  v1::ListEntriesReply reply;
  return v1::AuditService::NewStub(channel)->ListEntries(&context, {}, &reply);
}

grpc::Status Tail(const Channel& channel) {
  grpc::ClientContext context;
  v1::LogEntry entry;
  const auto stub = v1::AuditService::NewStub(channel);
  const auto reader = stub->Tail(&context, {});
  while (reader->Read(&entry)) {
  }
  return reader->Finish();
}

grpc::Status GetInclusionProof(const Channel& channel) {
  grpc::ClientContext context;
  v1::Proof reply;
  return v1::AuditService::NewStub(channel)->GetInclusionProof(&context, {},
                                                               &reply);
}

grpc::Status ListKeys(const Channel& channel) {
  grpc::ClientContext context;
  v1::ListKeysReply reply;
  return v1::KeyService::NewStub(channel)->ListKeys(&context, {}, &reply);
}

grpc::Status GetKey(const Channel& channel) {
  grpc::ClientContext context;
  v1::Key reply;
  return v1::KeyService::NewStub(channel)->GetKey(&context, {}, &reply);
}

struct Call {
  std::string rpc;
  std::function<grpc::Status(const Channel&)> make;
};

const std::vector<Call>& CallsWithPermission() {
  static const auto* calls = new std::vector<Call>{
      {"AuditService.GetEntry", GetEntry},
      {"AuditService.ListEntries", ListEntries},
      {"AuditService.Tail", Tail},
      {"AuditService.GetInclusionProof", GetInclusionProof},
      {"KeyService.ListKeys", ListKeys},
      {"KeyService.GetKey", GetKey},
  };
  return *calls;
}

v1::EvaluateReply Evaluate(const Channel& channel, const std::string& target,
                           const std::string& version) {
  v1::EvaluateRequest request;
  request.mutable_header()->set_target(target);
  request.mutable_header()->set_version(version);
  grpc::ClientContext context;
  v1::EvaluateReply reply;
  EXPECT_OK(FromRpc(v1::SigningService::NewStub(channel)->Evaluate(
      &context, request, &reply)));
  return reply;
}

TEST(RefusedAccess, IsInTheLogWithCallRuleAndReason) {
  ServerFixture server;
  server.Start();
  for (const Call& call : CallsWithPermission()) {
    const grpc::Status status = call.make(server.Channel("developer"));
    EXPECT_THAT(FromRpc(status),
                StatusIs(Code::kPermissionDenied, "WRONG_ROLE"))
        << call.rpc;
    EXPECT_EQ(RuleOfRpc(status), "roles.permissions") << call.rpc;
  }
  const auto entries = RefusedEntries(server);
  ASSERT_EQ(entries.size(), CallsWithPermission().size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    ASSERT_TRUE(entries[i].has_access());
    EXPECT_EQ(entries[i].access().rpc(), CallsWithPermission()[i].rpc);
    EXPECT_EQ(entries[i].access().rule(), "roles.permissions");
    EXPECT_THAT(entries[i].access().reason(),
                HasSubstr("identity developer has roles developer"));
    EXPECT_EQ(entries[i].access().target(), "");
    EXPECT_EQ(entries[i].caller().identity(), "developer");
    EXPECT_EQ(entries[i].caller().certificate_sha256().size(), 32U);
    EXPECT_EQ(entries[i].policy_sha256().size(), 32U);
    EXPECT_NE(entries[i].time_unix_ms(), 0);
  }
}

TEST(RefusedAccess, ByEvaluateNamesTheTarget) {
  ServerFixture server;
  server.Start();
  const auto reply = Evaluate(server.Channel("developer"), "app", "1.0.0");
  EXPECT_EQ(reply.decision(), v1::REFUSED);
  v1::ListEntriesRequest request;
  request.set_target("app");
  request.set_identity("developer");
  request.set_decision("refused");
  const auto entries = LogEntries(server, request);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].access().rpc(), "SigningService.Evaluate");
  EXPECT_EQ(entries[0].access().target(), "app");
  EXPECT_EQ(entries[0].access().rule(), "target.requesters");
  EXPECT_EQ(entries[0].access().reason(), reply.reason());
}

TEST(RefusedAccess, IsNotWhatEveryKnownCallerMayAsk) {
  ServerFixture server;
  server.Start();
  const auto developer = server.Channel("developer");
  grpc::ClientContext targets_context;
  v1::ListTargetsReply targets;
  EXPECT_OK(FromRpc(v1::SigningService::NewStub(developer)->ListTargets(
      &targets_context, {}, &targets)));
  grpc::ClientContext checkpoint_context;
  v1::Checkpoint checkpoint;
  EXPECT_OK(FromRpc(v1::AuditService::NewStub(developer)->GetCheckpoint(
      &checkpoint_context, {}, &checkpoint)));
  grpc::ClientContext proof_context;
  v1::Proof proof;
  EXPECT_OK(FromRpc(v1::AuditService::NewStub(developer)->GetConsistencyProof(
      &proof_context, {}, &proof)));
  EXPECT_THAT(RefusedEntries(server), IsEmpty());
}

TEST(RefusedAccess, IsNotAQuestionThatTheRoleMayAsk) {
  ServerFixture server;
  server.Start();
  const auto ci = server.Channel("ci");
  EXPECT_EQ(Evaluate(ci, "app", "1.0.0").decision(), v1::ALLOWED);
  EXPECT_EQ(Evaluate(ci, "app", "one.two").decision(), v1::REFUSED);
  EXPECT_EQ(Evaluate(ci, "nothing", "1.0.0").decision(), v1::REFUSED);
  EXPECT_OK(FromRpc(ListKeys(server.Channel("auditor"))));
  EXPECT_THAT(RefusedEntries(server), IsEmpty());
}

TEST(RefusedAccess, OfACallerThatNobodyKnowsIsOnlySummedUp) {
  ServerFixture server;
  server.Start();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(ListEntries(server.Channel("stranger")).ok());
  }
  EXPECT_THAT(RefusedEntries(server), IsEmpty());
  server.Stop();
  server.Start();
  const auto entries = RefusedEntries(server);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].refusals().count(), 3U);
  EXPECT_EQ(entries[0].caller().identity(), "");
}

TEST(RefusedAccess, SharesTheLimitOfAMinuteWithSigning) {
  ServerFixture server;
  server.Start();
  const auto channel = server.Channel("developer");
  const std::string payload = TestPayload(5000);
  for (int i = 0; i < 35; ++i) {
    ASSERT_FALSE(ListEntries(channel).ok());
    ASSERT_FALSE(Sign(channel, HeaderFor(payload), payload).ok());
  }
  ASSERT_FALSE(ListKeys(channel).ok());
  EXPECT_EQ(RefusedEntries(server).size(), 60U);
  // Another caller has a minute of its own.
  ASSERT_FALSE(ListKeys(server.Channel("ci")).ok());
  EXPECT_EQ(RefusedEntries(server).size(), 61U);
  // The end of the server sums up too.
  server.Stop();
  server.Start();
  const auto entries = RefusedEntries(server);
  ASSERT_EQ(entries.size(), 62U);
  EXPECT_EQ(entries.back().refusals().count(), 11U);
  EXPECT_THAT(entries.back().refusals().last_reason(), HasSubstr("READ_KEYS"));
  EXPECT_EQ(entries.back().caller().identity(), "developer");
}

TEST(RefusedAccess, EndsAStreamWhoseRightEndsAndIsInTheLogOnce) {
  ServerFixture server;
  server.policy().mutable_roles(1)->add_permissions(v1::READ_LOG);
  server.Start();
  const auto stub = v1::AuditService::NewStub(server.Channel("developer"));
  grpc::ClientContext context;
  const auto reader = stub->Tail(&context, {});
  v1::LogEntry entry;
  ASSERT_TRUE(reader->Read(&entry));
  server.policy().mutable_roles(1)->clear_permissions();
  server.policy().set_version(2);
  server.WritePolicy();
  server.process().Signal(SIGHUP);
  ASSERT_TRUE(server.WaitForLog("policy-in-force version=2"));
  while (reader->Read(&entry)) {
  }
  EXPECT_THAT(FromRpc(reader->Finish()),
              StatusIs(Code::kPermissionDenied, "WRONG_ROLE"));
  const auto entries = RefusedEntries(server);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].access().rpc(), "AuditService.Tail");
}

}  // namespace
}  // namespace bootseal::tests

// CI jobs that come with the token of their issuer, against a real server.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/identity/bad_tokens.h"
#include "tests/server/log_entries.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;
using Code = absl::StatusCode;
using Channel = std::shared_ptr<grpc::Channel>;

const TokenIssuer& Issuer() {
  static const auto* issuer = new TokenIssuer("https://issuer.example");
  return *issuer;
}

// Person "ci" is the good job too, "auditor" the job of repository 4800.
class TokenTest : public testing::Test {
 protected:
  TokenTest() {
    server_.AddIssuer("github", Issuer());
    v1::Policy& policy = server_.policy();
    policy.mutable_issuers(0)->set_behind_claim("actor_id");
    *policy.mutable_people(0)->add_workloads() = GoodWorkload("github");
    *policy.mutable_people(2)->add_workloads() =
        WorkloadOf("github", {{"repository_id", "4800"}});
    policy.mutable_people(1)->add_accounts("github 77");
  }

  static std::string Token(const JsonMembers& changes = {},
                           const std::string& key = TokenIssuer::kRsaKey) {
    JsonMembers claims = GoodClaims(Issuer());
    for (const auto& [name, value] : changes) claims[name] = value;
    return Issuer().Sign(claims, key);
  }
  static absl::Status ListTargets(const Channel& channel) {
    grpc::ClientContext context;
    v1::ListTargetsReply reply;
    return FromRpc(v1::SigningService::NewStub(channel)->ListTargets(
        &context, {}, &reply));
  }

  ServerFixture server_;
};

TEST_F(TokenTest, LetsAnAllowedJobSign) {
  server_.Start();
  for (const char* key : {TokenIssuer::kRsaKey, TokenIssuer::kEcKey}) {
    const std::string payload = TestPayload(5000);
    const auto reply =
        Sign(server_.TokenChannel(Token({}, key)), HeaderFor(payload), payload);
    ASSERT_OK(reply);
    EXPECT_FALSE(reply->receipt().empty());
  }
  v1::ListEntriesRequest request;
  request.set_decision("allowed");
  const auto entries = LogEntries(server_, request);
  ASSERT_EQ(entries.size(), 2U);
  const v1::Caller& caller = entries[0].caller();
  EXPECT_EQ(caller.identity(), "ci");
  EXPECT_EQ(caller.method(), "oidc");
  EXPECT_EQ(caller.issuer(), "github");
  EXPECT_EQ(caller.behind(), "developer");
  EXPECT_EQ(caller.subject(), "repo:example/app:ref:refs/heads/main");
  EXPECT_THAT(caller.DebugString(), HasSubstr("\"4711\""));
}

TEST_F(TokenTest, RefusesEveryBadTokenForItsReason) {
  server_.Start();
  for (const BadToken& bad : BadTokens()) {
    SCOPED_TRACE(bad.name);
    const std::string token = bad.make(Issuer());
    // gRPC's credentials send no empty token.
    if (token.empty()) continue;
    const absl::Status status = ListTargets(server_.TokenChannel(token));
    EXPECT_THAT(status, StatusIs(Code::kUnauthenticated, bad.reason));
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.message));
  }
  EXPECT_OK(ListTargets(server_.TokenChannel(Token())));
}

TEST_F(TokenTest, RefusesAJobOfAnotherBranchAndNamesTheClaim) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const auto reply =
      Sign(server_.TokenChannel(Token({{"ref", "\"refs/heads/fix\""}})),
           HeaderFor(payload), payload);
  EXPECT_THAT(reply, StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
  EXPECT_EQ(base::FieldOf(reply.status()), "ref");
  EXPECT_THAT(std::string(reply.status().message()),
              HasSubstr("\"refs/heads/fix\""));
  EXPECT_EQ(Releases(server_), 0U);
}

TEST_F(TokenTest, RefusesAPullRequest) {
  server_.Start();
  const absl::Status status = ListTargets(
      server_.TokenChannel(Token({{"event_name", "\"pull_request\""}})));
  EXPECT_THAT(status, StatusIs(Code::kPermissionDenied, "CLAIM_MISMATCH"));
  EXPECT_EQ(base::FieldOf(status), "event_name");
}

TEST_F(TokenTest, RefusesATokenOfTwoPeople) {
  *server_.policy().mutable_people(1)->add_workloads() =
      WorkloadOf("github", {{"repository_id", "4711"}});
  server_.Start();
  EXPECT_THAT(ListTargets(server_.TokenChannel(Token())),
              StatusIs(Code::kPermissionDenied, "IDENTITY_AMBIGUOUS"));
}

TEST_F(TokenTest, TakesTokenAndCertificateOfOnePersonAlone) {
  server_.Start();
  EXPECT_OK(ListTargets(server_.TokenChannel(Token(), "ci")));
  EXPECT_THAT(ListTargets(server_.TokenChannel(Token(), "developer")),
              StatusIs(Code::kUnauthenticated, "IDENTITIES_DIFFER"));
  EXPECT_THAT(ListTargets(server_.TokenChannel("a.b.c", "ci")),
              StatusIs(Code::kUnauthenticated, "TOKEN_MALFORMED"));
}

TEST_F(TokenTest, TellsBothWaysToACallWithNeither) {
  server_.Start();
  const absl::Status status = ListTargets(server_.Channel(""));
  EXPECT_THAT(status, StatusIs(Code::kUnauthenticated, "NO_CREDENTIALS"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("certificate"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Bearer"));
}

// The minute of skew is almost over when the stream begins.
TEST_F(TokenTest, EndsAStreamWhenItExpires) {
  server_.Start();
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  const auto channel =
      server_.TokenChannel(Token({{"repository_id", "\"4800\""},
                                  {"iat", absl::StrCat(now - 200)},
                                  {"nbf", absl::StrCat(now - 200)},
                                  {"exp", absl::StrCat(now - 55)}}));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(30));
  const auto reader = v1::AuditService::NewStub(channel)->Tail(&context, {});
  v1::LogEntry entry;
  ASSERT_TRUE(reader->Read(&entry));
  while (reader->Read(&entry)) {
  }
  EXPECT_THAT(FromRpc(reader->Finish()),
              StatusIs(Code::kUnauthenticated, "TOKEN_EXPIRED"));
}

// An upload that takes longer than its token is valid was allowed when it
// began.
TEST_F(TokenTest, IsJudgedWhenAnUploadBegins) {
  server_.Start();
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  const auto stub = v1::SigningService::NewStub(
      server_.TokenChannel(Token({{"iat", absl::StrCat(now - 200)},
                                  {"nbf", absl::StrCat(now - 200)},
                                  {"exp", absl::StrCat(now - 55)}})));
  const std::string payload = TestPayload(5000);
  grpc::ClientContext context;
  v1::SignReply reply;
  const auto writer = stub->Sign(&context, &reply);
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor(payload);
  ASSERT_TRUE(writer->Write(message));
  absl::SleepFor(absl::FromUnixSeconds(now + 7) - absl::Now());
  message.clear_header();
  message.set_chunk(payload);
  ASSERT_TRUE(writer->Write(message));
  writer->WritesDone();
  EXPECT_OK(FromRpc(writer->Finish()));
}

TEST_F(TokenTest, IsNeitherLoggedNorRecorded) {
  server_.Start();
  const std::string good = Token();
  const std::string bad = Token({{"ref", "\"refs/heads/fix\""}});
  const std::string payload = TestPayload(5000);
  ASSERT_OK(Sign(server_.TokenChannel(good), HeaderFor(payload), payload));
  ASSERT_FALSE(
      Sign(server_.TokenChannel(bad), HeaderFor(payload), payload).ok());
  ASSERT_FALSE(
      Sign(server_.TokenChannel(good + "A"), HeaderFor(payload), payload).ok());
  server_.Stop();
  std::string kept = server_.ServerLog();
  for (const char* file : {"log.sqlite", "log.sqlite-wal"}) {
    kept += base::ReadFile(server_.folder().File(file), 64 << 20).value_or("");
  }
  ASSERT_THAT(kept, HasSubstr("listening"));
  for (const std::string& token : {good, bad}) {
    const std::string signature = token.substr(token.rfind('.') + 1);
    const std::size_t dot = token.find('.');
    EXPECT_EQ(kept.find(signature.substr(0, 16)), std::string::npos);
    EXPECT_EQ(kept.find(token.substr(dot + 1, 32)), std::string::npos);
  }
}

TEST_F(TokenTest, NeedsTheIssuersPinnedFile) {
  ASSERT_OK(base::WriteFileAtomically(
      server_.folder().File("github.jwks"),
      TokenIssuer("https://issuer.example").KeySet()));
  EXPECT_EQ(server_.StartAndFail(), 1);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("issuers[0].jwks_sha256"));
  ASSERT_EQ(remove(server_.folder().File("github.jwks").c_str()), 0);
  EXPECT_EQ(server_.StartAndFail(), 1);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("issuers[0].jwks_path"));
}

TEST_F(TokenTest, OfANewKeyIsTakenWithTheReloadedPolicy) {
  server_.Start();
  const TokenIssuer next("https://issuer.example");
  const std::string token = next.Sign(GoodClaims(next));
  EXPECT_THAT(ListTargets(server_.TokenChannel(token)),
              StatusIs(Code::kUnauthenticated, "TOKEN_SIGNATURE"));
  const std::string old = Token();
  EXPECT_OK(ListTargets(server_.TokenChannel(old)));
  server_.policy().clear_issuers();
  server_.AddIssuer("github", next);
  server_.policy().mutable_issuers(0)->set_behind_claim("actor_id");
  server_.policy().set_version(2);
  server_.WritePolicy();
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(server_.WaitForLog("policy-in-force version=2"));
  EXPECT_OK(ListTargets(server_.TokenChannel(token)));
  EXPECT_THAT(ListTargets(server_.TokenChannel(old)),
              StatusIs(Code::kUnauthenticated, "TOKEN_SIGNATURE"));
}

}  // namespace
}  // namespace bootseal::tests

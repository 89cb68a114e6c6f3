// What a real server shows of the issuers whose tokens it believes.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <utime.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/identity/bad_tokens.h"
#include "tests/server/scrape.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

constexpr char kAsPinned[] =
    R"(bootseal_issuer_keys_as_pinned{issuer="github"})";
constexpr char kWritten[] =
    R"(bootseal_issuer_keys_written_timestamp_seconds{issuer="github"})";
constexpr char kUrl[] = "https://issuer.example";

// Person "ci" is the good job too.
class IssuerFigures : public testing::Test {
 protected:
  IssuerFigures() {
    AddMetrics(server_);
    AddIssuer(issuer_);
    *server_.policy().mutable_people(0)->add_workloads() =
        GoodWorkload("github");
  }

  void AddIssuer(const TokenIssuer& issuer) {
    server_.policy().clear_issuers();
    server_.AddIssuer("github", issuer);
    server_.policy().mutable_issuers(0)->set_behind_claim("actor_id");
  }
  std::string path() const { return server_.folder().File("github.jwks"); }
  void WriteKeys(const std::string& keys) {
    ASSERT_OK(base::WriteFileAtomically(path(), keys));
  }
  absl::Status ListTargets(const std::string& token) const {
    grpc::ClientContext context;
    v1::ListTargetsReply reply;
    return FromRpc(v1::SigningService::NewStub(server_.TokenChannel(token))
                       ->ListTargets(&context, {}, &reply));
  }
  static std::string Calls(const std::string& code, const std::string& about) {
    return absl::StrCat(
        "bootseal_calls_total{rpc=\"SigningService.ListTargets\",code=\"", code,
        "\",reason_class=\"", about, "\"}");
  }
  bool Reaches(const std::string& series, double value) {
    return tests::Reaches(server_, series, value);
  }

  const TokenIssuer issuer_{kUrl};
  ServerFixture server_;
};

TEST_F(IssuerFigures, TellWhenTheFileWithTheKeysWasWritten) {
  const utimbuf written{1'700'000'000, 1'700'000'000};
  ASSERT_EQ(utime(path().c_str(), &written), 0);
  server_.Start();
  EXPECT_EQ(ValueOf(Scrape(server_), kWritten), 1'700'000'000);
  EXPECT_EQ(ValueOf(Scrape(server_), kAsPinned), 1);
  // The same keys again, as a job that fetches them every day writes them.
  const utimbuf again{1'700'086'400, 1'700'086'400};
  ASSERT_EQ(utime(path().c_str(), &again), 0);
  EXPECT_TRUE(Reaches(kWritten, 1'700'086'400));
  EXPECT_EQ(ValueOf(Scrape(server_), kAsPinned), 1);
}

TEST_F(IssuerFigures, SeeThatTheIssuerHasOtherKeysUntilThePolicyPinsThem) {
  server_.Start();
  EXPECT_EQ(ValueOf(Scrape(server_), kAsPinned), 1);
  const TokenIssuer next(kUrl);
  WriteKeys(next.KeySet());
  ASSERT_TRUE(Reaches(kAsPinned, 0));
  // Nothing of it is believed by itself.
  EXPECT_FALSE(ListTargets(next.Sign(GoodClaims(next))).ok());
  EXPECT_OK(ListTargets(issuer_.Sign(GoodClaims(issuer_))));
  AddIssuer(next);
  server_.policy().set_version(2);
  server_.WritePolicy();
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(Reaches("bootseal_policy_version", 2));
  EXPECT_TRUE(Reaches(kAsPinned, 1));
}

TEST_F(IssuerFigures, SeeThatTheFileIsGone) {
  server_.Start();
  ASSERT_EQ(std::remove(path().c_str()), 0);
  EXPECT_TRUE(Reaches(kAsPinned, 0));
  EXPECT_EQ(ValueOf(Scrape(server_), kWritten), -1);
  EXPECT_OK(ListTargets(issuer_.Sign(GoodClaims(issuer_))));
  WriteKeys(issuer_.KeySet());
  EXPECT_TRUE(Reaches(kAsPinned, 1));
}

TEST_F(IssuerFigures, TellTokensOfAKeyThatIsNotPinnedFromOtherStrangers) {
  WriteKeys(issuer_.KeySetOf(TokenIssuer::kRsaKey));
  server_.policy().mutable_issuers(0)->set_jwks_sha256(
      Sha256Hex(issuer_.KeySetOf(TokenIssuer::kRsaKey)));
  server_.Start();
  const JsonMembers claims = GoodClaims(issuer_);
  EXPECT_OK(ListTargets(issuer_.Sign(claims)));
  EXPECT_THAT(
      ListTargets(issuer_.Sign(claims, TokenIssuer::kEcKey)),
      StatusIs(absl::StatusCode::kUnauthenticated, "UNKNOWN_TOKEN_KEY"));
  EXPECT_FALSE(ListTargets("no.token.atall").ok());
  ASSERT_TRUE(Reaches(Calls("UNAUTHENTICATED", "identity"), 1));
  EXPECT_TRUE(Reaches(Calls("UNAUTHENTICATED", "issuer_keys"), 1));
  EXPECT_TRUE(Reaches(Calls("OK", "none"), 1));
}

TEST_F(IssuerFigures, AreNoneWithoutIssuers) {
  server_.policy().clear_issuers();
  server_.policy().mutable_people(0)->clear_workloads();
  server_.Start();
  EXPECT_THAT(
      Scrape(server_),
      testing::Not(testing::HasSubstr("bootseal_issuer_keys_as_pinned{")));
}

}  // namespace
}  // namespace bootseal::tests

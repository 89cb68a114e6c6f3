// Readiness that the token shows by signing, and the names the health service
// knows.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "tests/server/generic_call.h"
#include "tests/server/scrape.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kService[] = "bootseal.v1.SigningService";

// What the health service says of one; the negated code when it is an error.
// grpc.health.v1.HealthCheckRequest: field 1 is the service's name.
int HealthOf(const ServerFixture& server, const std::string& service) {
  std::string request = absl::StrCat(
      "\x0a", std::string(1, static_cast<char>(service.size())), service);
  if (service.empty()) request.clear();
  const auto answer =
      GenericCall(server.Channel(""), "/grpc.health.v1.Health/Check", request);
  if (!answer.ok()) return -static_cast<int>(answer.status().code());
  return answer->size() == 2 ? (*answer)[1] : -1;
}

bool Becomes(const ServerFixture& server, const std::string& service,
             int wanted) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (std::chrono::steady_clock::now() < deadline) {
    if (HealthOf(server, service) == wanted) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

absl::Status SignOnce(const ServerFixture& server) {
  const std::string payload = TestPayload(3000);
  return Sign(server.Channel("ci"), HeaderFor(payload), payload).status();
}

// A server with a canary that signs every second.
class Canary : public testing::Test {
 protected:
  Canary() { AddCanary(server_); }

  v1::PinnedKey& key() {
    return *server_.policy().mutable_keys(server_.policy().keys_size() - 1);
  }
  void ExpectRefusal(const std::string& reason, const std::string& text) {
    EXPECT_EQ(server_.StartAndFail(), 1);
    EXPECT_THAT(server_.ServerLog(), HasSubstr("reason=" + reason + " "));
    EXPECT_THAT(server_.ServerLog(), HasSubstr(text));
    EXPECT_THAT(server_.ServerLog(), Not(HasSubstr(" listening ")));
  }

  ServerFixture server_;
};

TEST_F(Canary, SaysReadyForTheServerAndForEachService) {
  server_.Start();
  for (const char* service :
       {"", kService, "bootseal.v1.FwuService", "bootseal.v1.ApprovalService",
        "bootseal.v1.AuditService", "bootseal.v1.KeyService", "liveness"}) {
    EXPECT_EQ(HealthOf(server_, service), kServing) << service;
  }
  EXPECT_EQ(HealthOf(server_, "bootseal.v1.NoService"),
            -static_cast<int>(absl::StatusCode::kNotFound));
}

TEST_F(Canary, SaysNotReadyWhileTheTokenIsGoneAndComesBackWithIt) {
  server_.Start();
  ASSERT_OK(SignOnce(server_));
  const std::filesystem::path away = server_.folder().File("away");
  std::filesystem::rename(server_.token().objects_path(), away);
  EXPECT_TRUE(Becomes(server_, "", kNotServing));
  EXPECT_TRUE(Becomes(server_, kService, kNotServing));
  // The process itself is well: nobody is to restart it for that.
  EXPECT_EQ(HealthOf(server_, "liveness"), kServing);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("not-ready reason=TOKEN_"));
  std::filesystem::rename(away, server_.token().objects_path());
  EXPECT_TRUE(Becomes(server_, kService, kServing));
  EXPECT_TRUE(server_.WaitForLog(" ready\n"));
  EXPECT_OK(SignOnce(server_));
}

TEST_F(Canary, IsNoKeyThatTheListOfKeysSaysNobodyUses) {
  server_.Start();
  const auto stub = v1::KeyService::NewStub(server_.Channel("auditor"));
  grpc::ClientContext context;
  v1::GetKeyRequest request;
  request.set_name(key().name());
  v1::Key reply;
  ASSERT_OK(FromRpc(stub->GetKey(&context, request, &reply)));
  EXPECT_FALSE(reply.serving());
  EXPECT_THAT(reply.not_serving_reason(),
              HasSubstr("readiness tells whether it signs"));
}

TEST_F(Canary, IsNotNeededByAServerWithoutHealthInItsConfiguration) {
  server_.config().clear_health();
  server_.Start();
  EXPECT_EQ(HealthOf(server_, ""), kServing);
  std::filesystem::rename(server_.token().objects_path(),
                          server_.folder().File("away"));
  EXPECT_FALSE(SignOnce(server_).ok());
  EXPECT_EQ(HealthOf(server_, ""), kServing);
}

TEST_F(Canary, StopsTheStartWhenThePolicyHasNoSuchKey) {
  server_.config().mutable_health()->set_canary_key("parrot");
  ExpectRefusal("CONFIG_INVALID",
                "health.canary_key: \\\"parrot\\\" is no key of the policy, "
                "expected one with purpose CANARY; fix: name canary");
}

TEST_F(Canary, StopsTheStartWhenItsKeyIsForFirmware) {
  server_.config().mutable_health()->set_canary_key("app");
  ExpectRefusal("CONFIG_INVALID",
                "health.canary_key: \\\"app\\\" is a key of the policy with "
                "purpose FIRMWARE, expected one with purpose CANARY; fix: name "
                "canary");
}

TEST_F(Canary, StopsTheStartWhenThePolicyHasNoKeyForIt) {
  key().set_purpose(v1::FIRMWARE);
  ExpectRefusal("CONFIG_INVALID",
                "expected one with purpose CANARY; fix: make a key that serves "
                "nothing else, with bootseal-token generate, and pin it");
}

TEST_F(Canary, StopsTheStartWhenItsKeyIsTheLogs) {
  server_.config().mutable_health()->set_canary_key("log");
  ExpectRefusal("CONFIG_INVALID", "with purpose CANARY");
}

TEST_F(Canary, StopsTheStartWhenTheTokenLacksTheKey) {
  key().set_uri("pkcs11:object=nowhere");
  ExpectRefusal("KEY_MISSING", "key canary");
}

TEST_F(Canary, StopsTheStartWhenTheKeyIsNotThePinnedOne) {
  key().set_public_key_sha256(std::string(64, 'a'));
  ExpectRefusal("KEY_NOT_PINNED", "key canary");
}

// Two names, one key: its signatures would count as images.
TEST_F(Canary, StopsTheStartWhenItsKeyIsAlsoATargets) {
  key().set_uri("pkcs11:object=app");
  key().set_algorithm(v1::P256);
  key().set_public_key_sha256(server_.policy().keys(0).public_key_sha256());
  ExpectRefusal("POLICY_INVALID", "one key has one name and one purpose");
}

TEST_F(Canary, SignsNothingForATarget) {
  server_.AddTarget("bird", "canary");
  ExpectRefusal("POLICY_INVALID", "has purpose CANARY");
}

TEST_F(Canary, StopsTheStartWithoutANameOrWithAnIntervalNobodyWaitsFor) {
  server_.config().mutable_health()->clear_canary_key();
  server_.config().mutable_health()->set_interval_seconds(3601);
  ExpectRefusal("CONFIG_INVALID", "health.canary_key: required");
  EXPECT_THAT(
      server_.ServerLog(),
      HasSubstr("health.interval_seconds: 3601, expected at most 3600"));
}

TEST_F(Canary, KeepsThePolicyWhenTheNextOneHasAnotherCanary) {
  server_.Start();
  server_.policy().set_version(2);
  key().set_public_key_sha256(std::string(64, 'b'));
  server_.WritePolicy();
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(server_.WaitForLog("policy-kept version=1"));
  EXPECT_THAT(server_.ServerLog(), HasSubstr("CANARY_KEY_CHANGED"));
  EXPECT_EQ(HealthOf(server_, ""), kServing);
}

}  // namespace
}  // namespace bootseal::tests

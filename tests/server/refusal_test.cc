// What the server refuses, and by which name.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_split.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/generic_call.h"
#include "tests/server/log_entries.h"
#include "tests/support/approver.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using Code = absl::StatusCode;

// What becomes of a payload of 5,000 bytes with this header.
absl::Status Answer(const ServerFixture& server, const std::string& caller,
                    const v1::SignHeader& header) {
  const std::string payload = TestPayload(5000);
  return Sign(server.Channel(caller), header, payload).status();
}

v1::SignHeader Header() { return HeaderFor(TestPayload(5000)); }

TEST(Refusal, NamesACallerWithoutACertificate) {
  ServerFixture server;
  server.Start();
  EXPECT_THAT(Answer(server, "", Header()),
              StatusIs(Code::kUnauthenticated, "NO_CREDENTIALS"));
}

TEST(Refusal, DoesNotShakeHandsWithAnExpiredCertificate) {
  ServerFixture server;
  server.Start();
  EXPECT_EQ(Answer(server, "expired", Header()).code(), Code::kUnavailable);
}

TEST(Refusal, DoesNotShakeHandsWithACaOutsideThePolicy) {
  ServerFixture server;
  server.Start();
  EXPECT_EQ(Answer(server, "impostor", Header()).code(), Code::kUnavailable);
}

TEST(Refusal, NamesTheRightNameFromAnotherDomainsCa) {
  ServerFixture server;
  v1::TrustDomain& domain = *server.policy().add_trust_domains();
  domain.set_name("other.example");
  domain.set_ca_pem(server.other_ca_pem());
  server.Start();
  EXPECT_THAT(Answer(server, "impostor", Header()),
              StatusIs(Code::kUnauthenticated, "WRONG_CA"));
}

TEST(Refusal, NamesAnIdentityThatThePolicyDoesNotKnow) {
  ServerFixture server;
  server.Start();
  EXPECT_THAT(Answer(server, "stranger", Header()),
              StatusIs(Code::kPermissionDenied, "UNKNOWN_IDENTITY"));
}

TEST(Refusal, NamesTheWrongRoleAndTheRuleThatRefused) {
  ServerFixture server;
  server.Start();
  const auto status = Answer(server, "developer", Header());
  EXPECT_THAT(status, StatusIs(Code::kPermissionDenied, "WRONG_ROLE"));
  EXPECT_THAT(status, MessageHas("developer"));
}

TEST(Refusal, NamesAnUnknownTarget) {
  ServerFixture server;
  server.Start();
  v1::SignHeader header = Header();
  header.set_target("nonsense");
  EXPECT_THAT(Answer(server, "ci", header),
              StatusIs(Code::kNotFound, "UNKNOWN_TARGET"));
}

TEST(Refusal, NamesABadHeader) {
  ServerFixture server;
  server.Start();
  v1::SignHeader header = Header();
  header.set_version("one.two");
  EXPECT_EQ(Answer(server, "ci", header).code(), Code::kInvalidArgument);
  header = Header();
  header.set_request_id("no spaces");
  EXPECT_EQ(Answer(server, "ci", header).code(), Code::kInvalidArgument);
  EXPECT_THAT(Sign(server.Channel("ci"), HeaderFor(""), "").status(),
              StatusIs(Code::kInvalidArgument, "EMPTY_PAYLOAD"));
}

TEST(Refusal, NamesAPayloadLargerThanTheSlotBeforeItIsSent) {
  ServerFixture server;
  server.Start();
  v1::SignHeader header = Header();
  header.set_payload_size(256 << 10);
  EXPECT_THAT(Answer(server, "ci", header),
              StatusIs(Code::kInvalidArgument, "PAYLOAD_TOO_LARGE"));
}

TEST(Refusal, NamesAPayloadAboveTheServersLimit) {
  ServerFixture server;
  server.config().mutable_limits()->set_max_payload_bytes(4999);
  server.Start();
  EXPECT_THAT(Answer(server, "ci", Header()),
              StatusIs(Code::kResourceExhausted, "UPLOAD_TOO_LARGE"));
}

TEST(Refusal, NamesSizesThatLie) {
  ServerFixture server;
  server.Start();
  for (const std::uint64_t size : {4999U, 5001U}) {
    v1::SignHeader header = Header();
    header.set_payload_size(size);
    EXPECT_THAT(Answer(server, "ci", header),
                StatusIs(Code::kInvalidArgument, "SIZE_MISMATCH"));
  }
}

TEST(Refusal, NamesAPayloadThatIsAnImageAlready) {
  ServerFixture server;
  server.Start();
  const std::string image = "\x3d\xb8\xf3\x96" + TestPayload(5000);
  EXPECT_THAT(Sign(server.Channel("ci"), HeaderFor(image), image),
              StatusIs(Code::kInvalidArgument, "ALREADY_AN_IMAGE"));
}

TEST(Refusal, NamesAHeaderThatIsNotPadded) {
  ServerFixture server;
  server.Start();
  v1::SignHeader header = Header();
  header.set_target("room");
  EXPECT_THAT(Answer(server, "ci", header),
              StatusIs(Code::kInvalidArgument, "HEADER_ROOM_NOT_ZERO"));
}

TEST(Refusal, NamesAKeyThatTheTokenLacks) {
  ServerFixture server;
  server.policy().mutable_keys(0)->set_uri("pkcs11:object=nowhere");
  server.Start();
  EXPECT_THAT(Answer(server, "ci", Header()),
              StatusIs(Code::kFailedPrecondition, "KEY_MISSING"));
}

// Our own tool does not make the second key of a label; another one does.
TEST(Refusal, NamesAKeyWhoseLabelAnotherHasTooWhileTheRestServes) {
  ServerFixture server;
  server.AddKey("twin", hsm::Algorithm::kP256);
  server.AddTarget("second", "twin");
  const Outcome import =
      tests::Run({"softhsm2-util", "--import", server.key_path("stranger"),
                  "--token", server.token().label(), "--label", "twin", "--id",
                  "77", "--pin", server.token().pin()},
                 server.token().environment());
  ASSERT_EQ(import.exit_code, 0) << import.err;
  server.Start();
  v1::SignHeader header = Header();
  header.set_target("second");
  const absl::Status refused = Answer(server, "ci", header);
  EXPECT_THAT(refused, StatusIs(Code::kFailedPrecondition, "KEY_AMBIGUOUS"));
  EXPECT_THAT(refused, MessageHas("twin"));
  EXPECT_OK(Answer(server, "ci", Header()));
  const auto stub = v1::KeyService::NewStub(server.Channel("auditor"));
  v1::GetKeyRequest request;
  request.set_name("twin");
  grpc::ClientContext context;
  v1::Key key;
  ASSERT_OK(FromRpc(stub->GetKey(&context, request, &key)));
  EXPECT_FALSE(key.serving());
  EXPECT_EQ(key.public_key(), "");
}

TEST(Refusal, NamesAKeyOfAnotherType) {
  ServerFixture server;
  server.policy().mutable_keys(0)->set_algorithm(v1::P384);
  server.Start();
  EXPECT_THAT(Answer(server, "ci", Header()),
              StatusIs(Code::kFailedPrecondition, "KEY_TYPE"));
}

TEST(Refusal, NamesAKeyThatThePolicyDoesNotPin) {
  ServerFixture server;
  server.policy().mutable_keys(0)->set_public_key_sha256(std::string(64, 'a'));
  server.Start();
  EXPECT_THAT(Answer(server, "ci", Header()),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_PINNED"));
}

TEST(Refusal, SaysThatApprovalsAreNeeded) {
  ServerFixture server;
  tests::NeedApprovalOf("auditor", server.policy(),
                        *server.policy().mutable_targets(0));
  server.Start();
  EXPECT_THAT(Answer(server, "ci", Header()),
              StatusIs(Code::kFailedPrecondition, "APPROVALS_REQUIRED"));
}

TEST(Refusal, IsInTheLogWithItsReason) {
  ServerFixture server;
  server.Start();
  ASSERT_FALSE(Answer(server, "developer", Header()).ok());
  const auto entries = RefusedEntries(server);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].caller().identity(), "developer");
  EXPECT_EQ(entries[0].signing().target(), "app");
  EXPECT_EQ(entries[0].signing().decision(), v1::REFUSED);
  EXPECT_NE(entries[0].signing().reason(), "");
  EXPECT_EQ(entries[0].signing().digests_size(), 0);
}

TEST(Refusal, BeyondTheLimitOfAMinuteIsSummedUp) {
  ServerFixture server;
  server.Start();
  const auto channel = server.Channel("developer");
  const std::string payload = TestPayload(5000);
  for (int i = 0; i < 70; ++i) {
    ASSERT_FALSE(Sign(channel, HeaderFor(payload), payload).ok());
  }
  v1::ListEntriesRequest all;
  all.set_limit(1000);
  std::size_t refused = 0;
  for (const v1::Entry& entry : LogEntries(server, all)) {
    if (entry.has_signing()) ++refused;
  }
  EXPECT_EQ(refused, 60U);
  // The end of the server sums up too.
  server.Stop();
  server.Start();
  std::uint64_t summed = 0;
  for (const v1::Entry& entry : LogEntries(server, all)) {
    if (entry.has_refusals()) summed += entry.refusals().count();
  }
  EXPECT_EQ(summed, 10U);
}

TEST(Refusal, OfAStrangerWhoListsTargetsIsSummedUpAsAnyOther) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("stranger"));
  grpc::ClientContext context;
  v1::ListTargetsReply reply;
  EXPECT_FALSE(stub->ListTargets(&context, {}, &reply).ok());
  server.Stop();
  server.Start();
  std::uint64_t summed = 0;
  for (const v1::Entry& entry : LogEntries(server, {})) {
    if (entry.has_refusals()) summed += entry.refusals().count();
  }
  EXPECT_EQ(summed, 1U);
}

// Protobuf says on standard error what it could not read.
TEST(Refusal, OfWhatIsNoMessageKeepsTheServersLogInLines) {
  ServerFixture server;
  server.Start();
  // A name of two bytes that are no UTF-8, and a line feed.
  EXPECT_FALSE(GenericCall(server.Channel("auditor"),
                           "/bootseal.v1.KeyService/GetKey",
                           std::string("\x0a\x03\xff\xfe\x0a"))
                   .ok());
  ASSERT_TRUE(server.WaitForLog("UTF-8"));
  for (const auto line :
       absl::StrSplit(server.ServerLog(), '\n', absl::SkipEmpty())) {
    EXPECT_THAT(std::string(line), ::testing::MatchesRegex(
                                       "[IWE] [0-9-]+T[0-9:]+Z [a-z-]+( .*)?"));
  }
}

TEST(Refusal, OfEvaluateNamesTheRuleWithoutTouchingAKey) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("developer"));
  v1::EvaluateRequest request;
  request.mutable_header()->set_target("app");
  request.mutable_header()->set_version("1.0.0");
  grpc::ClientContext context;
  v1::EvaluateReply reply;
  ASSERT_OK(FromRpc(stub->Evaluate(&context, request, &reply)));
  EXPECT_EQ(reply.decision(), v1::REFUSED);
  EXPECT_NE(reply.rule(), "");
  EXPECT_EQ(reply.caller().identity(), "developer");
}

}  // namespace
}  // namespace bootseal::tests

// Signing over real mutual TLS, with a real token and a real log.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/entry.h"
#include "server/trust/profile.h"
#include "tests/support/assembled_image.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
namespace transparency = image::transparency;

// The entry that a receipt proves under `log_key`; empty when it proves none.
std::string ProvenEntry(const v1::SignReply& reply,
                        const std::string& log_key) {
  const auto proof = transparency::ParseProofFile(reply.receipt());
  const auto key = transparency::ParseVerifierKey(log_key);
  if (!proof.ok() || !key.ok()) return "";
  std::vector<std::byte> buffer(proof->extra.size());
  const auto entry = transparency::DecodeBase64(proof->extra, buffer);
  if (!entry.ok()) return "";
  const image::Error verdict =
      transparency::VerifyReceipt(reply.receipt(), *entry, *key);
  return verdict == image::Error::kOk ? image::host::ToString(*entry) : "";
}

image::Error Verdict(const v1::SignReply& reply, absl::string_view payload) {
  const auto profile = trust::McubootProfile::Make(reply.profile());
  if (!profile.ok()) return image::Error::kRules;
  const std::string image = AssembledImage(reply, payload);
  return image::mcuboot::Verify((*profile)->rules(), AsBytes(image)).error();
}

std::string SignatureOf(const v1::SignReply& reply,
                        const std::string& log_key) {
  const auto entry = trust::DecodeEntry(ProvenEntry(reply, log_key));
  if (!entry.ok() || entry->signing().digests_size() != 1) return "";
  return entry->signing().digests(0).signature();
}

TEST(Signing, GivesAnImageThatBootsAndAReceiptThatHoldsOffline) {
  ServerFixture server;
  server.Start();
  const std::string payload = TestPayload(100'000);
  const auto reply = Sign(server.Channel("ci"), HeaderFor(payload), payload);
  ASSERT_OK(reply);
  EXPECT_EQ(Verdict(*reply, payload), image::Error::kOk);
  EXPECT_FALSE(reply->replayed());
  const auto entry = trust::DecodeEntry(ProvenEntry(*reply, server.log_key()));
  ASSERT_OK(entry);
  EXPECT_EQ(entry->caller().identity(), "ci");
  EXPECT_EQ(entry->signing().target(), "app");
  EXPECT_EQ(entry->signing().version(), "1.2.3");
  EXPECT_EQ(entry->signing().decision(), v1::ALLOWED);
  EXPECT_EQ(entry->signing().payload_size(), payload.size());
}

TEST(Signing, UsesTheHeaderRoomOfThePayload) {
  ServerFixture server;
  server.Start();
  const std::string payload = std::string(0x400, '\0') + TestPayload(5000);
  v1::SignHeader header = HeaderFor(payload);
  header.set_target("room");
  const auto reply = Sign(server.Channel("ci"), header, payload, {7});
  ASSERT_OK(reply);
  EXPECT_EQ(Verdict(*reply, payload), image::Error::kOk);
  EXPECT_EQ(AssembledImage(*reply, payload).substr(0x400, 5000),
            payload.substr(0x400));
}

TEST(Signing, MakesEveryAlgorithmsImagesBootable) {
  ServerFixture server;
  const std::vector<std::pair<std::string, hsm::Algorithm>> keys = {
      {"rsa2048", hsm::Algorithm::kRsa2048},
      {"rsa3072", hsm::Algorithm::kRsa3072},
      {"p384", hsm::Algorithm::kP384},
      {"ed25519", hsm::Algorithm::kEd25519}};
  for (const auto& [name, algorithm] : keys) {
    server.AddKey(name, algorithm);
    server.AddTarget(name, name);
  }
  server.Start();
  const std::string payload = TestPayload(5000);
  for (const auto& [name, algorithm] : keys) {
    v1::SignHeader header = HeaderFor(payload);
    header.set_target(name);
    const auto reply = Sign(server.Channel("ci"), header, payload);
    ASSERT_OK(reply);
    EXPECT_EQ(Verdict(*reply, payload), image::Error::kOk) << name;
  }
}

TEST(Signing, AnswersARetryWithTheSameSignature) {
  ServerFixture server;
  server.Start();
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = HeaderFor(payload);
  const auto first = Sign(server.Channel("ci"), header, payload);
  ASSERT_OK(first);
  const auto second = Sign(server.Channel("ci"), header, payload);
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->tlvs(), first->tlvs());
  EXPECT_EQ(ProvenEntry(*second, server.log_key()),
            ProvenEntry(*first, server.log_key()));
  EXPECT_EQ(Verdict(*second, payload), image::Error::kOk);
}

TEST(Signing, AnswersARetryAfterARestartWithTheSameSignature) {
  ServerFixture server;
  server.Start();
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = HeaderFor(payload);
  const auto first = Sign(server.Channel("ci"), header, payload);
  ASSERT_OK(first);
  server.Stop();
  server.Start();
  const auto second = Sign(server.Channel("ci"), header, payload);
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->tlvs(), first->tlvs());
}

TEST(Signing, GivesOneSignatureToManyCallsWithOneRequestId) {
  ServerFixture server;
  server.Start();
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = HeaderFor(payload);
  std::vector<absl::StatusOr<v1::SignReply>> replies(
      8, absl::UnknownError("not yet"));
  std::vector<std::thread> callers;
  for (auto& reply : replies) {
    callers.emplace_back([&server, &header, &payload, &reply] {
      reply = Sign(server.Channel("ci"), header, payload);
    });
  }
  for (std::thread& caller : callers) caller.join();
  std::set<std::string> signatures;
  for (const auto& reply : replies) {
    ASSERT_OK(reply);
    EXPECT_EQ(Verdict(*reply, payload), image::Error::kOk);
    signatures.insert(SignatureOf(*reply, server.log_key()));
  }
  EXPECT_EQ(signatures.size(), 1U);
}

TEST(Signing, RefusesARequestIdWithOtherContent) {
  ServerFixture server;
  server.Start();
  const std::string payload = TestPayload(5000);
  v1::SignHeader header = HeaderFor(payload);
  ASSERT_OK(Sign(server.Channel("ci"), header, payload));
  const auto reused =
      StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED");
  std::string other = payload;
  other.back() ^= 1;
  EXPECT_THAT(Sign(server.Channel("ci"), header, other), reused);
  header.set_version("1.2.4");
  EXPECT_THAT(Sign(server.Channel("ci"), header, payload), reused);
}

TEST(Signing, DecidesEachOfManyOnItsOwn) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  constexpr int kCount = 200;
  std::thread writer([&stream] {
    for (int i = 0; i < kCount; ++i) {
      v1::SignManyRequest request;
      request.set_payload(TestPayload(1000 + static_cast<std::size_t>(i)));
      *request.mutable_header() = HeaderFor(request.payload());
      request.mutable_header()->set_request_id(std::to_string(i));
      if (i % 10 == 0) request.mutable_header()->set_target("unknown");
      stream->Write(request);
    }
    stream->WritesDone();
  });
  std::set<std::string> answered;
  v1::SignManyReply reply;
  while (stream->Read(&reply)) {
    answered.insert(reply.request_id());
    const std::size_t i = std::stoul(reply.request_id());
    if (i % 10 == 0) {
      EXPECT_EQ(reply.failure().reason(), "UNKNOWN_TARGET");
      continue;
    }
    EXPECT_EQ(Verdict(reply.reply(), TestPayload(1000 + i)), image::Error::kOk);
    EXPECT_NE(ProvenEntry(reply.reply(), server.log_key()), "");
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answered.size(), std::size_t{kCount});
}

TEST(Signing, AnswersABurstWhoseStreamStaysOpen) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  const std::string payload = TestPayload(1000);
  constexpr int kStreams = 60;
  constexpr int kBurst = 32;
  for (int i = 0; i < kStreams; ++i) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    const auto stream = stub->SignMany(&context);
    for (int j = 0; j < kBurst; ++j) {
      v1::SignManyRequest request;
      request.set_payload(payload);
      *request.mutable_header() = HeaderFor(payload);
      ASSERT_TRUE(stream->Write(request));
    }
    int answers = 0;
    v1::SignManyReply reply;
    while (answers < kBurst && stream->Read(&reply)) ++answers;
    ASSERT_EQ(answers, kBurst) << "stream " << i;
    stream->WritesDone();
    ASSERT_TRUE(stream->Finish().ok());
  }
}

}  // namespace
}  // namespace bootseal::tests

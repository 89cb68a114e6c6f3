// What a client cannot do to the server: take it all, hold it, fill it.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/generic_call.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kReflectionMethod[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

grpc::Status SignStatus(const ServerFixture& server) {
  const std::string payload = TestPayload(5000);
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  v1::SignReply reply;
  const auto writer = stub->Sign(&context, &reply);
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor(payload);
  message.set_chunk(payload);
  writer->Write(message);
  writer->WritesDone();
  return writer->Finish();
}

// A line of /proc/PID/status in KiB.
long MemoryKib(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word) {
    long value = 0;
    if (word == name + ":" && status >> value) return value;
  }
  return 0;
}

std::uint64_t LargePayloadMib() {
  const char* set = std::getenv("BOOTSEAL_TEST_PAYLOAD_MIB");
  std::uint64_t mib = 128;
  if (set != nullptr && !absl::SimpleAtoi(set, &mib)) std::abort();
  return mib;
}

TEST(Limits, TellTheExcessWhenToComeBack) {
  ServerFixture server;
  server.config().mutable_limits()->set_max_concurrent_requests(1);
  server.Start();
  const std::string payload = TestPayload(5000);
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  v1::SignReply reply;
  const auto writer = stub->Sign(&context, &reply);
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor(payload);
  ASSERT_TRUE(writer->Write(message));
  grpc::Status excess = SignStatus(server);
  // The first may still be on its way.
  while (excess.ok()) excess = SignStatus(server);
  EXPECT_THAT(FromRpc(excess), StatusIs(absl::StatusCode::kResourceExhausted,
                                        "TOO_MANY_REQUESTS"));
  EXPECT_GT(RetrySeconds(excess), 0);
  message.clear_header();
  message.set_chunk(payload);
  ASSERT_TRUE(writer->Write(message));
  writer->WritesDone();
  EXPECT_OK(FromRpc(writer->Finish()));
  EXPECT_TRUE(SignStatus(server).ok());
}

TEST(Limits, EndAnUploadThatTakesTooLong) {
  ServerFixture server;
  server.config().mutable_limits()->set_upload_seconds(1);
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  v1::SignReply reply;
  const auto writer = stub->Sign(&context, &reply);
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor(TestPayload(5000));
  ASSERT_TRUE(writer->Write(message));
  EXPECT_THAT(FromRpc(writer->Finish()),
              StatusIs(absl::StatusCode::kCancelled, "UPLOAD_TOO_SLOW"));
  EXPECT_TRUE(server.WaitForLog("UPLOAD_TOO_SLOW"));
}

TEST(Limits, EndAStreamOfManyThatStandsStill) {
  ServerFixture server;
  server.config().mutable_limits()->set_upload_seconds(1);
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyReply reply;
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(Limits, KeepThreadsForSigningWhileStrangersHoldReflection) {
  ServerFixture server;
  server.config().mutable_limits()->set_max_concurrent_requests(8);
  server.Start();
  ASSERT_TRUE(SignStatus(server).ok());
  std::vector<std::unique_ptr<HeldStreams>> connections;
  int answered = 0;
  for (int i = 0; i < 4; ++i) {
    // ServerReflectionRequest.list_services = "".
    connections.push_back(
        std::make_unique<HeldStreams>(server.Channel(""), kReflectionMethod,
                                      std::string("\x3a\x00", 2), 100));
    answered += connections.back()->answered();
  }
  EXPECT_GT(answered, 0);
  EXPECT_LE(answered, 8);
  for (int i = 0; i < 10; ++i) EXPECT_OK(FromRpc(SignStatus(server)));
}

TEST(Limits, BoundTheHealthThatStrangersWatch) {
  ServerFixture server;
  server.Start();
  std::vector<std::unique_ptr<HeldStreams>> connections;
  int answered = 0;
  for (int i = 0; i < 2; ++i) {
    connections.push_back(std::make_unique<HeldStreams>(
        server.Channel(""), "/grpc.health.v1.Health/Watch", "", 100));
    answered += connections.back()->answered();
  }
  EXPECT_EQ(answered, 128);
  EXPECT_OK(GenericCall(server.Channel(""), "/grpc.health.v1.Health/Check", "")
                .status());
  EXPECT_OK(FromRpc(SignStatus(server)));
  connections.clear();
  HeldStreams again(server.Channel(""), "/grpc.health.v1.Health/Watch", "", 1);
  EXPECT_EQ(again.answered(), 1);
}

TEST(Limits, GiveNoPlaceToStreamsWithoutAHeader) {
  ServerFixture server;
  server.config().mutable_limits()->set_max_concurrent_requests(4);
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("auditor"));
  std::vector<grpc::ClientContext> contexts(8);
  std::vector<v1::SignReply> replies(8);
  std::vector<std::unique_ptr<grpc::ClientWriter<v1::SignRequest>>> writers;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    writers.push_back(stub->Sign(&contexts[i], &replies[i]));
  }
  for (int i = 0; i < 10; ++i) EXPECT_OK(FromRpc(SignStatus(server)));
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    contexts[i].TryCancel();
    writers[i]->Finish();
  }
}

TEST(Limits, EndAReflectionStreamThatIsHeld) {
  ServerFixture server;
  server.Start();
  const std::string request("\x3a\x00", 2);
  HeldStreams held(server.Channel(""), kReflectionMethod, request, 8);
  ASSERT_EQ(held.answered(), 8);
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(30);
  absl::Status status;
  do {
    status =
        GenericCall(server.Channel(""), kReflectionMethod, request).status();
  } while (!status.ok() && std::chrono::steady_clock::now() < deadline);
  EXPECT_OK(status);
}

TEST(Limits, RefuseAChunkAboveOneMebibyte) {
  ServerFixture server;
  server.policy().mutable_targets(0)->mutable_mcuboot()->set_slot_size(4 << 20);
  server.Start();
  const std::string payload = TestPayload((1 << 20) + 1);
  const auto status =
      Sign(server.Channel("ci"), HeaderFor(payload), payload, {2 << 20})
          .status();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument, "CHUNK_TOO_LARGE"));
}

TEST(Limits, KeepMemoryFlatWhileALargePayloadIsSigned) {
  const std::uint64_t size = LargePayloadMib() << 20;
  ServerFixture server;
  server.policy().mutable_targets(0)->mutable_mcuboot()->set_slot_size(
      static_cast<std::uint32_t>(size + (1 << 20)));
  server.config().mutable_limits()->set_max_payload_bytes(size);
  server.Start();
  ASSERT_TRUE(SignStatus(server).ok());
  const long idle = MemoryKib(server.process().pid(), "VmRSS");
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  v1::SignReply reply;
  const auto writer = stub->Sign(&context, &reply);
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor("");
  message.mutable_header()->set_payload_size(size);
  message.set_chunk(TestPayload(1 << 20));
  for (std::uint64_t sent = 0; sent < size; sent += 1 << 20) {
    ASSERT_TRUE(writer->Write(message));
    message.clear_header();
  }
  writer->WritesDone();
  ASSERT_OK(FromRpc(writer->Finish()));
  const long peak = MemoryKib(server.process().pid(), "VmHWM");
  RecordProperty("idle_kib", static_cast<int>(idle));
  RecordProperty("peak_kib", static_cast<int>(peak));
  EXPECT_LT(peak - idle, 64 << 10) << "idle " << idle << " KiB";
}

TEST(Limits, OfAnIdentityAreAtMostThoseOfAll) {
  struct Case {
    std::uint32_t requests;
    std::uint32_t share;
    const char* problem;
  };
  for (const Case& each :
       {Case{0, 257, "expected at most 256"}, Case{8, 9, "expected at most 8"},
        Case{1, 4294967295U, "expected at most 1"}}) {
    ServerFixture server;
    v1::Limits& limits = *server.config().mutable_limits();
    limits.set_max_concurrent_requests(each.requests);
    limits.set_max_requests_per_identity(each.share);
    EXPECT_EQ(server.StartAndFail(), 1);
    EXPECT_THAT(server.ServerLog(),
                AllOf(HasSubstr("limits.max_requests_per_identity: "),
                      HasSubstr(each.problem)));
  }
}

TEST(Limits, LeaveBuildsAPlaceBesideThoseForReleases) {
  struct Case {
    std::uint32_t requests;
    std::uint32_t places;
    const char* problem;
  };
  for (const Case& each : {Case{0, 256, ": 256, expected fewer than 256"},
                           Case{8, 9, ": 9, expected fewer than 8"},
                           Case{8, 4294967295U, "expected fewer than 8"},
                           Case{1, 1, ": 1, expected fewer than 1"}}) {
    ServerFixture server;
    v1::Limits& limits = *server.config().mutable_limits();
    limits.set_max_concurrent_requests(each.requests);
    limits.set_places_for_releases(each.places);
    EXPECT_EQ(server.StartAndFail(), 1);
    EXPECT_THAT(server.ServerLog(),
                AllOf(HasSubstr("limits.places_for_releases"),
                      HasSubstr(each.problem)));
  }
}

TEST(Limits, OfAnIdentityMayBeThoseOfAll) {
  ServerFixture server;
  v1::Limits& limits = *server.config().mutable_limits();
  limits.set_max_concurrent_requests(1);
  limits.set_max_requests_per_identity(1);
  server.Start();
}

}  // namespace
}  // namespace bootseal::tests

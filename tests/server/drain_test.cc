// How the server ends, and what its callers are told.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/generic_call.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using Code = absl::StatusCode;
constexpr std::chrono::seconds kDrainLimit(15);

absl::Status SignOnce(const ServerFixture& server) {
  const std::string payload = TestPayload(5000);
  return Sign(server.Channel("ci"), HeaderFor(payload), payload).status();
}

// An upload that stands still after its first half.
class HalfUpload {
 public:
  explicit HalfUpload(const ServerFixture& server)
      : stub_(v1::SigningService::NewStub(server.Channel("ci"))),
        writer_(stub_->Sign(&context_, &reply_)) {
    *message_.mutable_header() = HeaderFor(payload_);
    message_.set_chunk(payload_.substr(0, 2500));
    EXPECT_TRUE(writer_->Write(message_));
  }

  absl::Status GoOn() {
    message_.clear_header();
    message_.set_chunk(payload_.substr(2500));
    EXPECT_TRUE(writer_->Write(message_));
    writer_->WritesDone();
    return Finish();
  }
  absl::Status Finish() { return FromRpc(writer_->Finish()); }

 private:
  const std::string payload_ = TestPayload(5000);
  grpc::ClientContext context_;
  v1::SignReply reply_;
  v1::SignRequest message_;
  std::unique_ptr<v1::SigningService::Stub> stub_;
  std::unique_ptr<grpc::ClientWriter<v1::SignRequest>> writer_;
};

// It runs once the only place is taken.
void WaitUntilBusy(const ServerFixture& server) {
  while (SignOnce(server).code() != Code::kResourceExhausted) {
  }
}

TEST(Drain, FinishesTheUploadThatRuns) {
  ServerFixture server;
  server.config().mutable_limits()->set_max_concurrent_requests(1);
  server.Start();
  HalfUpload upload(server);
  WaitUntilBusy(server);
  server.process().Signal(SIGTERM);
  ASSERT_TRUE(server.WaitForLog("draining"));
  EXPECT_OK(upload.GoOn());
  EXPECT_EQ(server.process().Wait(kDrainLimit), 0);
}

v1::SignManyRequest SmallRequest() {
  v1::SignManyRequest request;
  request.set_payload(TestPayload(5000));
  *request.mutable_header() = HeaderFor(request.payload());
  return request;
}

// More than a client's window: what it does not read holds the server.
void FillLog(ServerFixture& server) {
  for (int version = 2; version < 10; ++version) {
    server.policy().set_version(version);
    server.WritePolicyText(absl::StrCat(server.policy().DebugString(), "# ",
                                        std::string(50'000, 'x'), "\n"));
    server.process().Signal(SIGHUP);
    ASSERT_TRUE(server.WaitForLog(
        absl::StrCat("policy-in-force version=", version, " ")));
  }
}

// Three servers, so that they drain at once.
TEST(Drain, TellsWhatStillRunsThatTheServerEnds) {
  ServerFixture uploading;
  uploading.config().mutable_limits()->set_max_concurrent_requests(1);
  uploading.Start();
  HalfUpload upload(uploading);
  WaitUntilBusy(uploading);

  ServerFixture signing;
  signing.Start();
  const auto stub = v1::SigningService::NewStub(signing.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Write(SmallRequest()));
  ASSERT_TRUE(stream->Read(&reply));

  ServerFixture reading;
  reading.Start();
  FillLog(reading);
  const auto audit = v1::AuditService::NewStub(reading.Channel("auditor"));
  grpc::ClientContext tail_context;
  const auto tail = audit->Tail(&tail_context, {});
  v1::LogEntry entry;
  ASSERT_TRUE(tail->Read(&entry));

  for (ServerFixture* server : {&uploading, &signing, &reading}) {
    server->process().Signal(SIGTERM);
  }
  const auto draining = StatusIs(Code::kUnavailable, "DRAINING");
  EXPECT_THAT(upload.Finish(), draining);
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_THAT(FromRpc(stream->Finish()), draining);
  EXPECT_EQ(reading.process().Wait(kDrainLimit), 0);
  while (tail->Read(&entry)) {
  }
  EXPECT_THAT(FromRpc(tail->Finish()), draining);
  for (ServerFixture* server : {&uploading, &signing}) {
    EXPECT_EQ(server->process().Wait(kDrainLimit), 0);
  }
  EXPECT_TRUE(uploading.WaitForLog("reason=DRAINING"));
}

TEST(Drain, TellsNewUploadsAndStreamsToComeBackWhileOneFinishes) {
  ServerFixture server;
  server.config().mutable_limits()->set_max_concurrent_requests(1);
  server.Start();
  HalfUpload upload(server);
  WaitUntilBusy(server);
  server.process().Signal(SIGTERM);
  ASSERT_TRUE(server.WaitForLog("draining"));
  EXPECT_EQ(Health(server.Channel("ci"), kNotServing), kNotServing);
  EXPECT_THAT(SignOnce(server), StatusIs(Code::kUnavailable, "DRAINING"));
  const auto audit = v1::AuditService::NewStub(server.Channel("auditor"));
  grpc::ClientContext context;
  const auto tail = audit->Tail(&context, {});
  v1::LogEntry entry;
  EXPECT_FALSE(tail->Read(&entry));
  const grpc::Status status = tail->Finish();
  EXPECT_THAT(FromRpc(status), StatusIs(Code::kUnavailable, "DRAINING"));
  EXPECT_GT(RetrySeconds(status), 0);
  EXPECT_OK(upload.GoOn());
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(5)), 0);
}

TEST(Drain, EndsAStreamThatOnlyFollowsTheLogAtOnce) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::AuditService::NewStub(server.Channel("auditor"));
  grpc::ClientContext context;
  const auto tail = stub->Tail(&context, {});
  v1::LogEntry entry;
  ASSERT_TRUE(tail->Read(&entry));
  server.process().Signal(SIGTERM);
  while (tail->Read(&entry)) {
  }
  const grpc::Status status = tail->Finish();
  EXPECT_THAT(FromRpc(status), StatusIs(Code::kUnavailable, "DRAINING"));
  EXPECT_GT(RetrySeconds(status), 0);
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(5)), 0);
}

TEST(Drain, ReadsNoFurtherInAStreamOfManyAndSaysSo) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Write(SmallRequest()));
  ASSERT_TRUE(stream->Read(&reply));
  server.process().Signal(SIGTERM);
  ASSERT_TRUE(server.WaitForLog("draining"));
  // The worker whose turn it is reads once more.
  int answered = 0;
  for (int i = 0; i < 8; ++i) stream->Write(SmallRequest());
  while (stream->Read(&reply)) {
    EXPECT_TRUE(reply.has_reply());
    ++answered;
  }
  const grpc::Status status = stream->Finish();
  EXPECT_LE(answered, 1);
  EXPECT_THAT(FromRpc(status), StatusIs(Code::kUnavailable, "DRAINING"));
  EXPECT_GT(RetrySeconds(status), 0);
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(5)), 0);
}

TEST(Drain, EndsAStreamThatItsClientEndedWithoutAnError) {
  ServerFixture server;
  server.Start();
  const auto stub = v1::SigningService::NewStub(server.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Write(SmallRequest()));
  ASSERT_TRUE(stream->Read(&reply));
  server.process().Signal(SIGTERM);
  ASSERT_TRUE(server.WaitForLog("draining"));
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_OK(FromRpc(stream->Finish()));
}

TEST(Drain, EndsAnIdleServerAtOnce) {
  ServerFixture server;
  server.Start();
  ASSERT_OK(SignOnce(server));
  server.process().Signal(SIGTERM);
  EXPECT_EQ(server.process().Wait(std::chrono::seconds(5)), 0);
}

}  // namespace
}  // namespace bootseal::tests

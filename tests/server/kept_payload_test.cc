// Memory for payloads that are kept until they are signed.
#include <grpcpp/client_context.h>

#include <fstream>
#include <functional>
#include <memory>

#include "absl/time/clock.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/server/content_fixture.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using KeptPayload = Content;

// An upload that has begun, with what it reserves.
class Held {
 public:
  Held(const ServerFixture& server, const v1::SignHeader& header)
      : stub_(v1::SigningService::NewStub(server.Channel("ci"))),
        writer_(stub_->Sign(&context_, &reply_)) {
    v1::SignRequest message;
    *message.mutable_header() = header;
    writer_->Write(message);
  }
  absl::Status Finish(absl::string_view payload) {
    v1::SignRequest message;
    message.set_chunk(std::string(payload));
    writer_->Write(message);
    writer_->WritesDone();
    return FromRpc(writer_->Finish());
  }
  void Cancel() {
    context_.TryCancel();
    writer_->Finish();
  }

 private:
  grpc::ClientContext context_;
  v1::SignReply reply_;
  std::unique_ptr<v1::SigningService::Stub> stub_;
  std::unique_ptr<grpc::ClientWriter<v1::SignRequest>> writer_;
};

// Until it is another outcome than OK, or, the other way, until it is OK.
absl::Status Until(bool ok, const std::function<absl::Status()>& ask) {
  absl::Status status;
  for (int i = 0; i < 500; ++i) {
    status = ask();
    if (status.ok() == ok) break;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return status;
}

// A line of /proc/PID/status in KiB.
long MemoryKib(ServerFixture& server, const std::string& name) {
  std::ifstream status(
      absl::StrCat("/proc/", server.process().pid(), "/status"));
  std::string word;
  while (status >> word) {
    long value = 0;
    if (word == name + ":" && status >> value) return value;
  }
  return 0;
}

std::string Hard(std::size_t size) {
  std::string text = TestPayload(8);
  std::uint32_t x = 1;
  while (text.size() < size) {
    x = x * 1664525 + 1013904223;
    text.push_back(static_cast<char>(0x40 | (x >> 26)));
  }
  return text;
}

TEST_F(KeptPayload, MemoryIsAsPromisedWithAPayloadThatFillsTheSlot) {
  constexpr std::uint32_t kSlot = 32 << 20;
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    target.mutable_mcuboot()->set_slot_size(kSlot);
  }
  server_.Start();
  const std::string plain = Hard(kSlot - 8192);
  const std::string small = TestPayload(5000);
  ASSERT_OK(Ask(For("pure", small), small));
  const long idle = MemoryKib(server_, "VmRSS");
  const std::string sent = Sent(plain);
  const auto compressed = Ask(Compressed("compressed", sent), sent, 1 << 18);
  ASSERT_OK(compressed);
  const long of_compressed = MemoryKib(server_, "VmHWM");
  const auto pure = Ask(For("pure", plain), plain, 1 << 18);
  ASSERT_OK(pure);
  const long of_pure = MemoryKib(server_, "VmHWM");
  RecordProperty("idle_kib", static_cast<int>(idle));
  RecordProperty("sent_kib", static_cast<int>(sent.size() >> 10));
  RecordProperty("compressed_kib", static_cast<int>(of_compressed - idle));
  RecordProperty("pure_kib", static_cast<int>(of_pure - idle));
  // Nothing of what is decompressed is kept.
  EXPECT_LT(of_compressed - idle, static_cast<long>(sent.size() >> 10) + 8192);
  // The token copies what it signs, more than once.
  EXPECT_LT(of_pure - idle, 4L * (kSlot >> 10));
}

TEST_F(KeptPayload, MoreThanTheServerEverKeepsIsRefusedAndPlainOnesAreNot) {
  server_.config().mutable_limits()->set_max_buffered_bytes(5000);
  server_.Start();
  const std::string payload = TestPayload(5000);
  EXPECT_THAT(Ask(For("pure", payload), payload),
              StatusIs(Code::kResourceExhausted, "BUFFER_TOO_LARGE"));
  EXPECT_OK(Ask(For("app", payload), payload));
}

TEST_F(KeptPayload,
       MemoryThatIsTakenIsRefusedWithADelayAndThereAgainAfterwards) {
  server_.config().mutable_limits()->set_max_buffered_bytes(40'000);
  server_.Start();
  const std::string payload = TestPayload(25'000);
  const auto ask = [&] { return Ask(For("pure", payload), payload).status(); };
  ASSERT_OK(ask());
  Held held(server_, For("pure", payload));
  EXPECT_THAT(Until(false, ask),
              StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
  EXPECT_OK(held.Finish(payload));
  EXPECT_OK(Until(true, ask));
}

TEST_F(KeptPayload, MemoryIsThereAgainAfterEveryEndOfAnUpload) {
  server_.config().mutable_limits()->set_max_buffered_bytes(40'000);
  server_.Start();
  const std::string payload = TestPayload(25'000);
  const auto ask = [&] { return Ask(For("pure", payload), payload).status(); };
  {
    Held held(server_, For("pure", payload));
    EXPECT_THAT(Until(false, ask),
                StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
    held.Cancel();
  }
  EXPECT_OK(Until(true, ask));
  {
    Held held(server_, For("pure", payload));
    EXPECT_THAT(Until(false, ask),
                StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
    EXPECT_THAT(held.Finish(payload.substr(1)),
                StatusIs(Code::kInvalidArgument, "SIZE_MISMATCH"));
  }
  EXPECT_OK(Until(true, ask));
  v1::SignHeader compressed = Compressed("compressed", payload);
  {
    Held held(server_, compressed);
    EXPECT_THAT(Until(false, ask),
                StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
    EXPECT_THAT(held.Finish(payload),
                StatusIs(Code::kFailedPrecondition, "COMPRESSION_PROPERTIES"));
  }
  EXPECT_OK(Until(true, ask));
  EXPECT_OK(ask());
}

TEST_F(KeptPayload, SignManyKeepsWithinTheSameBudget) {
  server_.config().mutable_limits()->set_max_buffered_bytes(40'000);
  server_.Start();
  const std::string payload = TestPayload(25'000);
  Held held(server_, For("pure", payload));
  EXPECT_FALSE(Until(false, [&] {
                 return Ask(For("pure", payload), payload).status();
               }).ok());
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyRequest request;
  *request.mutable_header() = For("pure", payload);
  request.set_payload(payload);
  ASSERT_TRUE(stream->Write(request));
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.failure().reason(), "MEMORY_BUSY");
  EXPECT_GT(reply.failure().retry_seconds(), 0u);
  EXPECT_OK(held.Finish(payload));
  *request.mutable_header() = For("pure", payload);
  for (int i = 0; i < 500 && !reply.has_reply(); ++i) {
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&reply));
  }
  EXPECT_TRUE(reply.has_reply()) << reply.failure().message();
  stream->WritesDone();
  EXPECT_OK(FromRpc(stream->Finish()));
}

}  // namespace
}  // namespace bootseal::tests

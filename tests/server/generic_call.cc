#include "tests/server/generic_call.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/support/sign_client.h"

namespace bootseal::tests {
namespace {

std::string Content(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) return "";
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

absl::StatusOr<std::string> GenericCall(
    const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
    const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  const grpc::Slice slice(request);
  const grpc::ByteBuffer bytes(&slice, 1);
  grpc::ByteBuffer answer;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, method, {}, &bytes, &answer,
                 [&done](grpc::Status status) { done.set_value(status); });
  const grpc::Status status = done.get_future().get();
  if (!status.ok()) return FromRpc(status);
  return Content(answer);
}

struct HeldStreams::Stream {
  grpc::ClientContext context;
  grpc::ByteBuffer answer;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
};

HeldStreams::HeldStreams(const std::shared_ptr<grpc::Channel>& channel,
                         const std::string& method, const std::string& request,
                         int count) {
  grpc::GenericStub stub(channel);
  const grpc::Slice slice(request);
  const grpc::ByteBuffer bytes(&slice, 1);
  for (int i = 0; i < count; ++i) {
    auto& stream = *streams_.emplace_back(std::make_unique<Stream>());
    stream.call = stub.PrepareCall(&stream.context, method, &queue_);
    // One operation after the other; the tag says nothing.
    void* tag = nullptr;
    bool done = false;
    stream.call->StartCall(nullptr);
    queue_.Next(&tag, &done);
    stream.call->Write(bytes, nullptr);
    queue_.Next(&tag, &done);
  }
}

int HeldStreams::answered() {
  for (auto& stream : streams_) stream->call->Read(&stream->answer, nullptr);
  int count = 0;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    void* tag = nullptr;
    bool read = false;
    queue_.Next(&tag, &read);
    if (read) ++count;
  }
  return count;
}

HeldStreams::~HeldStreams() {
  for (auto& stream : streams_) stream->context.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool done = false;
  while (queue_.Next(&tag, &done)) {
  }
}

int Health(const std::shared_ptr<grpc::Channel>& channel) {
  const auto answer = GenericCall(channel, "/grpc.health.v1.Health/Check", "");
  // Field 1, a varint below 128.
  if (!answer.ok() || answer->size() != 2) return -1;
  return (*answer)[1];
}

int Health(const std::shared_ptr<grpc::Channel>& channel, int expected) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int health = Health(channel);
  while (health != expected && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    health = Health(channel);
  }
  return health;
}

}  // namespace bootseal::tests

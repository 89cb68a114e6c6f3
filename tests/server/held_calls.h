// Calls that a client holds: they end with their objects.
#ifndef BOOTSEAL_TESTS_SERVER_HELD_CALLS_H_
#define BOOTSEAL_TESTS_SERVER_HELD_CALLS_H_

#include <grpcpp/client_context.h>

#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

// A Sign stream with nothing but its header, or without even that. Ends with
// the object.
class HeldUpload {
 public:
  explicit HeldUpload(v1::SigningService::Stub& stub)
      : writer_(stub.Sign(&context_, &reply_)) {}
  ~HeldUpload() {
    context_.TryCancel();
    writer_->Finish();
  }
  HeldUpload(const HeldUpload&) = delete;
  HeldUpload& operator=(const HeldUpload&) = delete;

  void SendHeader() {
    v1::SignRequest message;
    *message.mutable_header() = HeaderFor(TestPayload(5000));
    writer_->Write(message);
  }

 private:
  grpc::ClientContext context_;
  v1::SignReply reply_;
  std::unique_ptr<grpc::ClientWriter<v1::SignRequest>> writer_;
};

// A SignMany stream, read only when asked to. Ends with the object.
class HeldStream {
 public:
  explicit HeldStream(v1::SigningService::Stub& stub)
      : stream_(stub.SignMany(&context_)) {}
  ~HeldStream() {
    context_.TryCancel();
    if (writer_.joinable()) writer_.join();
    Finish();
  }
  HeldStream(const HeldStream&) = delete;
  HeldStream& operator=(const HeldStream&) = delete;

  // Sends requests for as long as the server takes them.
  void Flood() {
    writer_ = std::thread([this] {
      while (Write()) {
      }
    });
  }
  bool Write() {
    v1::SignManyRequest request;
    request.set_payload(TestPayload(1000));
    *request.mutable_header() = HeaderFor(request.payload());
    return stream_->Write(request);
  }
  v1::SignManyReply Read() {
    v1::SignManyReply reply;
    stream_->Read(&reply);
    return reply;
  }
  const absl::Status& Finish() {
    if (!finished_) status_ = FromRpc(stream_->Finish());
    finished_ = true;
    return status_;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::SignManyRequest, v1::SignManyReply>>
      stream_;
  std::thread writer_;
  bool finished_ = false;
  absl::Status status_;
};

// A Tail stream. Ends with the object.
class HeldTail {
 public:
  explicit HeldTail(v1::AuditService::Stub& stub)
      : reader_(stub.Tail(&context_, {})) {}
  ~HeldTail() {
    context_.TryCancel();
    Finish();
  }
  HeldTail(const HeldTail&) = delete;
  HeldTail& operator=(const HeldTail&) = delete;

  // Whether the log's first entry comes.
  bool Follows() {
    v1::LogEntry entry;
    return reader_->Read(&entry);
  }
  const absl::Status& Finish() {
    if (!finished_) status_ = FromRpc(reader_->Finish());
    finished_ = true;
    return status_;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::LogEntry>> reader_;
  bool finished_ = false;
  absl::Status status_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_HELD_CALLS_H_

#include "tests/support/sign_client.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bootseal::tests {
namespace {

template <typename Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  Detail detail;
  if (!details.ParseFromString(status.error_details())) return detail;
  for (const auto& each : details.details()) {
    if (each.UnpackTo(&detail)) return detail;
  }
  return Detail();
}

std::string DetailUrl(absl::string_view name) {
  return absl::StrCat("detail/", name);
}

std::string Metadata(const google::rpc::ErrorInfo& info,
                     const std::string& key) {
  const auto found = info.metadata().find(key);
  return found == info.metadata().end() ? "" : found->second;
}

}  // namespace

absl::Status FromRpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  const std::string text = status.error_message();
  for (const char* reason : {"DRAINING", "UPLOAD_TOO_SLOW"}) {
    absl::string_view message = text;
    if (status.error_details().empty() &&
        absl::ConsumePrefix(&message, absl::StrCat(reason, ": "))) {
      return base::Fail(static_cast<absl::StatusCode>(status.error_code()),
                        reason, message);
    }
  }
  absl::Status made =
      base::FailField(static_cast<absl::StatusCode>(status.error_code()),
                      info.reason(), Metadata(info, "field"), text);
  for (const auto& [name, value] : info.metadata()) {
    made.SetPayload(DetailUrl(name), absl::Cord(value));
  }
  return made;
}

std::string DetailOf(const absl::Status& status, absl::string_view name) {
  const auto detail = status.GetPayload(DetailUrl(name));
  return detail ? std::string(*detail) : std::string();
}

std::int64_t RetrySeconds(const grpc::Status& status) {
  return DetailOf<google::rpc::RetryInfo>(status).retry_delay().seconds();
}

std::string RuleOfRpc(const grpc::Status& status) {
  return Metadata(DetailOf<google::rpc::ErrorInfo>(status), "rule");
}

v1::SignHeader HeaderFor(absl::string_view payload) {
  static std::atomic<int> next = 0;
  v1::SignHeader header;
  header.set_target("app");
  header.set_version("1.2.3");
  header.set_request_id(absl::StrCat("request-", next++));
  header.set_payload_size(payload.size());
  return header;
}

namespace {

using Writer = std::unique_ptr<grpc::ClientWriter<v1::SignRequest>>;

grpc::Status Send(const Writer& writer, const v1::SignHeader& header,
                  absl::string_view payload, const Upload& upload) {
  v1::SignRequest message;
  *message.mutable_header() = header;
  // The header alone first: it is judged before any payload.
  bool open = writer->Write(message);
  message.clear_header();
  while (open && !payload.empty()) {
    const std::size_t size = std::min(payload.size(), upload.chunk_bytes);
    message.set_chunk(payload.data(), size);
    payload.remove_prefix(size);
    open = writer->Write(message);
  }
  writer->WritesDone();
  return writer->Finish();
}

template <typename Service, typename Method>
absl::StatusOr<v1::SignReply> Uploaded(
    const std::shared_ptr<grpc::Channel>& channel, Method method,
    const v1::SignHeader& header, absl::string_view payload,
    const Upload& upload) {
  const auto stub = Service::NewStub(channel);
  grpc::ClientContext context;
  v1::SignReply reply;
  const grpc::Status status =
      Send(((*stub).*method)(&context, &reply), header, payload, upload);
  if (!status.ok()) return FromRpc(status);
  return reply;
}

}  // namespace

absl::StatusOr<v1::SignReply> Sign(
    const std::shared_ptr<grpc::Channel>& channel, const v1::SignHeader& header,
    absl::string_view payload, const Upload& upload) {
  return Uploaded<v1::SigningService>(channel, &v1::SigningService::Stub::Sign,
                                      header, payload, upload);
}

absl::StatusOr<v1::SignReply> Release(
    const std::shared_ptr<grpc::Channel>& channel, const v1::SignHeader& header,
    absl::string_view payload, const Upload& upload) {
  return Uploaded<v1::FwuService>(channel, &v1::FwuService::Stub::Release,
                                  header, payload, upload);
}

absl::StatusOr<v1::SignReply> Capsule(
    const std::shared_ptr<grpc::Channel>& channel, const v1::SignHeader& header,
    absl::string_view payload, const Upload& upload) {
  return Uploaded<v1::FwuService>(channel, &v1::FwuService::Stub::Capsule,
                                  header, payload, upload);
}

}  // namespace bootseal::tests

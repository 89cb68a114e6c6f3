#include "server/upload.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/call.h"
#include "server/rpc_status.h"

namespace bootseal::server {
namespace {

absl::Status CheckChunk(const v1::SignRequest& message) {
  if (message.chunk().size() <= kMaxChunkBytes) return absl::OkStatus();
  return base::Invalid(
      "CHUNK_TOO_LARGE", "chunk",
      absl::StrCat("chunk has ", message.chunk().size(),
                   " bytes, expected at most ", kMaxChunkBytes));
}

// A client that opens a stream has its header at hand.
constexpr std::chrono::seconds kHeaderLimit{10};

absl::Status ReadHeader(grpc::ServerReader<v1::SignRequest>& reader,
                        const UploadWatch::Guard& guard,
                        v1::SignRequest& message) {
  if (reader.Read(&message) && message.has_header()) return absl::OkStatus();
  RETURN_IF_ERROR(guard.Check());
  return base::Invalid("HEADER_MISSING", "header",
                       "the first message has no header");
}

absl::Status ReadPayload(grpc::ServerReader<v1::SignRequest>& reader,
                         v1::SignRequest& message, SigningFlow& flow) {
  do {
    RETURN_IF_ERROR(CheckChunk(message));
    RETURN_IF_ERROR(flow.Payload(message.chunk()));
  } while (reader.Read(&message));
  return absl::OkStatus();
}

absl::StatusOr<v1::SignReply> TakeIn(
    const Environment& environment, Makes makes, grpc::ServerContext& context,
    grpc::ServerReader<v1::SignRequest>& reader, RequestLine& line) {
  UploadWatch::Guard guard(environment.uploads,
                           std::min(kHeaderLimit, environment.upload_limit),
                           context);
  if (environment.draining) return Draining();
  const auto policy = environment.policies.Current();
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   Receive(context, environment, *policy, line));
  v1::SignRequest message;
  RETURN_IF_ERROR(ReadHeader(reader, guard, message));
  line.SetRequest(message.header().target(), message.header().request_id());
  SigningFlow flow(
      {environment.log, environment.refusals, environment.clock,
       environment.memory, environment.pending, environment.denials,
       environment.decisions, environment.max_payload_bytes,
       environment.max_pending_per_identity},
      policy, caller, message.header(), makes);
  RETURN_IF_ERROR(flow.Admit());
  // Only what may be signed takes a place.
  ASSIGN_OR_RETURN(const auto place,
                   environment.limits.requests.Take(caller.identity(),
                                                    LaneOf(flow.target())));
  guard.Extend(environment.upload_limit);
  RETURN_IF_ERROR(ReadPayload(reader, message, flow));
  // The client went away or was sent away: nobody reads the answer.
  RETURN_IF_ERROR(guard.Check());
  return flow.Finish();
}

}  // namespace

grpc::Status ServeUpload(const Environment& environment, Makes makes,
                         absl::string_view method, grpc::ServerContext& context,
                         grpc::ServerReader<v1::SignRequest>& reader,
                         v1::SignReply& reply) {
  RequestLine line(method);
  line.SetTrace(TraceOf(context));
  auto released = TakeIn(environment, makes, context, reader, line);
  if (released.ok()) line.SetReceipt(released->receipt());
  line.Write(released.status());
  if (released.ok()) reply = *std::move(released);
  return ToRpcStatus(released.status());
}

}  // namespace bootseal::server

#include "server/signing_service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/rpc_status.h"
#include "server/sign_many.h"
#include "server/target_list.h"
#include "server/trust/explanation.h"

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

}  // namespace

grpc::Status SigningService::Sign(grpc::ServerContext* context,
                                  grpc::ServerReader<v1::SignRequest>* reader,
                                  v1::SignReply* reply) {
  RequestLine line("Sign");
  auto released = Upload(*context, *reader, line);
  line.Write(released.status());
  if (released.ok()) *reply = *std::move(released);
  return ToRpcStatus(released.status());
}

absl::StatusOr<v1::SignReply> SigningService::Upload(
    grpc::ServerContext& context, grpc::ServerReader<v1::SignRequest>& reader,
    RequestLine& line) {
  UploadWatch::Guard guard(environment_.uploads,
                           std::min(kHeaderLimit, environment_.upload_limit),
                           context);
  if (environment_.draining) return Draining();
  const auto policy = environment_.policies.Current();
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   Receive(context, environment_, *policy));
  line.SetCaller(caller.identity());
  v1::SignRequest message;
  RETURN_IF_ERROR(ReadHeader(reader, guard, message));
  line.SetRequest(message.header().target(), message.header().request_id());
  SigningFlow flow(
      {environment_.log, environment_.refusals, environment_.clock,
       environment_.memory, environment_.pending, environment_.denials,
       environment_.max_payload_bytes, environment_.max_pending_per_identity},
      policy, caller, message.header());
  RETURN_IF_ERROR(flow.Admit());
  // Only what may be signed takes a place.
  ASSIGN_OR_RETURN(const auto place,
                   environment_.limits.requests.Take(caller.identity()));
  guard.Extend(environment_.upload_limit);
  RETURN_IF_ERROR(ReadPayload(reader, message, flow));
  // The client went away or was sent away: nobody reads the answer.
  RETURN_IF_ERROR(guard.Check());
  return flow.Finish();
}

grpc::Status SigningService::SignMany(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<v1::SignManyReply, v1::SignManyRequest>* stream) {
  return ToRpcStatus(ServeSignMany(environment_, *context, *stream));
}

grpc::Status SigningService::Evaluate(grpc::ServerContext* context,
                                      const v1::EvaluateRequest* request,
                                      v1::EvaluateReply* reply) {
  const auto policy = environment_.policies.Current();
  auto caller = Receive(*context, environment_, *policy);
  if (!caller.ok()) return ToRpcStatus(caller.status());
  // The question is about the policy: what only a real upload has may be left
  // out.
  v1::SignHeader header = request->header();
  if (header.request_id().empty()) header.set_request_id("evaluate");
  if (header.payload_size() == 0) {
    header.set_payload_size(trust::SmallestPayload(policy->policy(), header));
  }
  const trust::Admission admission = policy->judge().Admit(*caller, header);
  if (admission.code == "WRONG_ROLE") {
    v1::AccessEvent event;
    event.set_rpc("SigningService.Evaluate");
    event.set_target(header.target());
    event.set_rule(admission.rule);
    event.set_reason(admission.reason);
    RecordAccess(environment_, *policy, *caller, std::move(event));
  }
  *reply->mutable_caller() = *caller;
  if (admission.decision == v1::REFUSED) {
    reply->set_decision(admission.decision);
    reply->set_rule(admission.rule);
    reply->set_reason(admission.reason);
    return grpc::Status::OK;
  }
  return ToRpcStatus(Judge(*policy, header, admission, *reply));
}

// With what the log says; approvals are of a payload, which is not there.
absl::Status SigningService::Judge(const PolicyInForce& policy,
                                   const v1::SignHeader& header,
                                   const trust::Admission& admission,
                                   v1::EvaluateReply& reply) const {
  v1::SigningEvent asked;
  asked.set_target(header.target());
  asked.set_version(header.version());
  if (admission.has_security_counter) {
    asked.set_security_counter(admission.security_counter);
  }
  ASSIGN_OR_RETURN(
      const trust::Facts facts,
      FactsOf(environment_.log, environment_.clock, *admission.target, asked));
  const trust::Ruling ruling =
      policy.judge().Decide(reply.caller(), header, asked, facts);
  reply.set_decision(ruling.decision);
  reply.set_rule(ruling.rule);
  reply.set_reason(ruling.reason);
  reply.set_approvals_needed(ruling.approvals_needed);
  if (const auto& from = ruling.lowering.security_counter_from) {
    reply.set_lowers_security_counter_from(*from);
  }
  if (const auto& from = ruling.lowering.version_from) {
    reply.set_lowers_version_from(*from);
  }
  return absl::OkStatus();
}

grpc::Status SigningService::ListTargets(grpc::ServerContext* context,
                                         const v1::ListTargetsRequest*,
                                         v1::ListTargetsReply* reply) {
  const auto policy = environment_.policies.Current();
  const auto caller = Receive(*context, environment_, *policy);
  if (!caller.ok()) return ToRpcStatus(caller.status());
  *reply = TargetsFor(*caller, *policy);
  return grpc::Status::OK;
}

}  // namespace bootseal::server

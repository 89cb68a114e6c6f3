#include "server/signing_service.h"

#include <utility>

#include "base/status.h"
#include "server/rpc_status.h"
#include "server/sign_many.h"
#include "server/target_list.h"
#include "server/trust/explanation.h"
#include "server/upload.h"

namespace bootseal::server {

grpc::Status SigningService::Sign(grpc::ServerContext* context,
                                  grpc::ServerReader<v1::SignRequest>* reader,
                                  v1::SignReply* reply) {
  return ServeUpload(environment_, Makes::kImage, "Sign", *context, *reader,
                     *reply);
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
  auto caller =
      Receive(*context, environment_, *policy, "SigningService.Evaluate");
  if (!caller.ok()) return ToRpcStatus(caller.status());
  // The question is about the policy: what only a real upload has may be left
  // out.
  const v1::SignHeader header =
      trust::Completed(policy->policy(), request->header());
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
  if (header.has_verdict()) *asked.mutable_verdict() = header.verdict();
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
  const auto caller =
      Receive(*context, environment_, *policy, "SigningService.ListTargets");
  if (!caller.ok()) return ToRpcStatus(caller.status());
  *reply = TargetsFor(*caller, *policy);
  return grpc::Status::OK;
}

}  // namespace bootseal::server

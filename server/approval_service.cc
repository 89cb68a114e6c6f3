#include "server/approval_service.h"

#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "server/approval_requests.h"
#include "server/approval_submission.h"
#include "server/call.h"
#include "server/rpc_status.h"

namespace bootseal::server {
namespace {

constexpr char kRule[] = "target.approvals";

// What the log or the server lacks is no refusal.
bool IsRefusal(const absl::Status& status) {
  return !status.ok() && !absl::IsUnavailable(status) &&
         !absl::IsInternal(status);
}

void Record(const Environment& environment, const PolicyInForce& policy,
            const v1::Caller& caller, const std::string& target,
            const absl::Status& refusal) {
  v1::AccessEvent event;
  event.set_rpc("ApprovalService.SubmitApproval");
  event.set_target(Shortened(target));
  event.set_rule(kRule);
  event.set_reason(std::string(refusal.message()));
  RecordAccess(environment, policy, caller, std::move(event));
}

}  // namespace

grpc::Status ApprovalService::ListRequests(
    grpc::ServerContext* context, const v1::ListRequestsRequest* request,
    v1::ListRequestsReply* reply) {
  const auto policy = environment_.policies.Current();
  const auto caller = Receive(*context, environment_, *policy,
                              "ApprovalService.ListRequests");
  if (!caller.ok()) return ToRpcStatus(caller.status());
  auto page = ApprovalRequests(environment_, *policy, *caller).List(*request);
  if (!page.ok()) return ToRpcStatus(page.status());
  *reply = *std::move(page);
  return grpc::Status::OK;
}

grpc::Status ApprovalService::GetRequest(grpc::ServerContext* context,
                                         const v1::GetRequestRequest* request,
                                         v1::ApprovalRequest* reply) {
  const auto policy = environment_.policies.Current();
  const auto caller = Receive(*context, environment_, *policy,
                              "ApprovalService.GetRequest");
  if (!caller.ok()) return ToRpcStatus(caller.status());
  auto found = ApprovalRequests(environment_, *policy, *caller).Find(*request);
  if (!found.ok()) return ToRpcStatus(found.status());
  *reply = *std::move(found);
  return grpc::Status::OK;
}

grpc::Status ApprovalService::SubmitApproval(
    grpc::ServerContext* context, const v1::SubmitApprovalRequest* request,
    v1::SubmitApprovalReply* reply) {
  auto made = Submit(*context, *request);
  if (!made.ok()) return ToRpcStatus(made.status());
  *reply = *std::move(made);
  return grpc::Status::OK;
}

absl::StatusOr<v1::SubmitApprovalReply> ApprovalService::Submit(
    const grpc::ServerContext& context,
    const v1::SubmitApprovalRequest& request) const {
  RequestLine line("SubmitApproval");
  line.SetTrace(TraceOf(context));
  const auto policy = environment_.policies.Current();
  const auto caller = Receive(context, environment_, *policy, line);
  if (!caller.ok()) {
    line.Write(caller.status());
    return caller.status();
  }
  ApprovalSubmission submission(environment_, policy, *caller,
                                request.envelope());
  line.SetRequest(submission.target(), "");
  const auto receipt = submission.Append();
  if (receipt.ok()) line.SetEntry(receipt->index());
  line.Write(receipt.status());
  if (IsRefusal(receipt.status())) {
    Record(environment_, *policy, *caller, submission.target(),
           receipt.status());
    return WithRule(receipt.status(), kRule);
  }
  RETURN_IF_ERROR(receipt.status());
  // It may have been the last one that a key waited for. When it cannot be made
  // so now, whoever asked for the change asks again.
  if (const absl::Status made = environment_.key_changes.Complete(
          policy->policy(), submission.subject());
      !made.ok() && !absl::IsPermissionDenied(made)) {
    base::Log(base::Severity::kWarning, "key-change-waits",
              {{"reason", base::ReasonOf(made)}, {"message", made.message()}});
  }
  v1::SubmitApprovalReply reply;
  reply.set_index(receipt->index());
  reply.set_receipt(receipt->text());
  // Whoever only carries it may not see the request.
  auto described = ApprovalRequests(environment_, *policy, *caller)
                       .Newest(submission.subject());
  if (described.ok()) *reply.mutable_request() = *std::move(described);
  return reply;
}

}  // namespace bootseal::server

#include "server/fwu_service.h"

#include <utility>

#include "absl/time/time.h"
#include "base/status.h"
#include "firmware/image/host/fwumd_json.h"
#include "server/audit/record.h"
#include "server/rpc_status.h"
#include "server/trust/release_format.h"
#include "server/upload.h"

namespace bootseal::server {
namespace {

constexpr char kRpc[] = "FwuService.IssueMetadata";
constexpr char kRule[] = "target.requesters";

absl::StatusOr<image::fwu::Metadata> Asked(
    const v1::ReleaseFormat& format, const v1::IssueMetadataRequest& request) {
  switch (request.content_case()) {
    case v1::IssueMetadataRequest::kProvisioning:
      return trust::MetadataOf(format, &request.provisioning());
    case v1::IssueMetadataRequest::kJson: {
      ASSIGN_OR_RETURN(auto metadata,
                       image::host::ReadMetadataJson(request.json()));
      RETURN_IF_ERROR(trust::CheckIsOf(format, metadata));
      return metadata;
    }
    case v1::IssueMetadataRequest::CONTENT_NOT_SET:
      break;
  }
  return trust::MetadataOf(format, nullptr);
}

}  // namespace

grpc::Status FwuService::Release(grpc::ServerContext* context,
                                 grpc::ServerReader<v1::SignRequest>* reader,
                                 v1::SignReply* reply) {
  return ServeUpload(environment_, Makes::kRelease, "Release", *context,
                     *reader, *reply);
}

grpc::Status FwuService::Capsule(grpc::ServerContext* context,
                                 grpc::ServerReader<v1::SignRequest>* reader,
                                 v1::SignReply* reply) {
  return ServeUpload(environment_, Makes::kCapsule, "Capsule", *context,
                     *reader, *reply);
}

grpc::Status FwuService::IssueMetadata(grpc::ServerContext* context,
                                       const v1::IssueMetadataRequest* request,
                                       v1::IssueMetadataReply* reply) {
  RequestLine line("IssueMetadata");
  line.SetTrace(TraceOf(*context));
  auto issued = Issue(*context, *request, line);
  line.Write(issued.status());
  if (issued.ok()) *reply = *std::move(issued);
  return ToRpcStatus(issued.status());
}

absl::StatusOr<v1::IssueMetadataReply> FwuService::Issue(
    const grpc::ServerContext& context, const v1::IssueMetadataRequest& request,
    RequestLine& line) const {
  if (environment_.draining) return Draining();
  const auto policy = environment_.policies.Current();
  ASSIGN_OR_RETURN(const v1::Caller caller,
                   Receive(context, environment_, *policy, line));
  line.SetRequest(request.target(), "");
  ASSIGN_OR_RETURN(const v1::Target* const target,
                   Allow(*policy, caller, request.target()));
  RETURN_IF_ERROR(CheckMakes(Makes::kRelease, *target));
  ASSIGN_OR_RETURN(const auto place, environment_.limits.requests.Take(
                                         caller.identity(), LaneOf(*target)));
  ASSIGN_OR_RETURN(const image::fwu::Metadata metadata,
                   Asked(target->release(), request));
  v1::MetadataEvent event;
  event.set_target(target->name());
  ASSIGN_OR_RETURN(*event.mutable_metadata(),
                   trust::WriteReadable(target->release(), metadata));
  return Record(*policy, caller, std::move(event));
}

absl::StatusOr<const v1::Target*> FwuService::Allow(
    const PolicyInForce& policy, const v1::Caller& caller,
    const std::string& target) const {
  auto allowed = policy.judge().AllowTarget(caller, target);
  if (allowed.ok()) return allowed;
  v1::AccessEvent event;
  event.set_rpc(kRpc);
  event.set_target(Shortened(target));
  event.set_rule(kRule);
  event.set_reason(std::string(allowed.status().message()));
  RecordAccess(environment_, policy, caller, std::move(event));
  return WithRule(allowed.status(), kRule);
}

absl::StatusOr<v1::IssueMetadataReply> FwuService::Record(
    const PolicyInForce& policy, const v1::Caller& caller,
    v1::MetadataEvent event) const {
  v1::IssueMetadataReply reply;
  reply.set_metadata(event.metadata());
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(environment_.clock.Now()));
  *entry.mutable_caller() = caller;
  entry.set_policy_sha256(policy.policy().sha256());
  *entry.mutable_metadata() = std::move(event);
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  ASSIGN_OR_RETURN(const audit::Receipt receipt,
                   environment_.log.Append(std::move(record)));
  reply.set_receipt(receipt.text());
  return reply;
}

}  // namespace bootseal::server

#include "tests/server/role_calls.h"

#include <grpcpp/client_context.h>

#include <chrono>

#include "bootseal/v1/approvals.grpc.pb.h"
#include "bootseal/v1/audit.grpc.pb.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_image.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {
namespace {

using Channel = std::shared_ptr<grpc::Channel>;
using Code = absl::StatusCode;

constexpr Code kOk = Code::kOk;
constexpr Code kNo = Code::kPermissionDenied;
constexpr Code kWho = Code::kUnauthenticated;
constexpr Code kNone = Code::kNotFound;
constexpr Code kBad = Code::kInvalidArgument;
constexpr Code kState = Code::kFailedPrecondition;

void LimitTime(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(20));
}

Code CodeOf(const grpc::Status& status) {
  return static_cast<Code>(status.error_code());
}

v1::SignHeader Header(const std::string& target, const std::string& payload) {
  v1::SignHeader header = HeaderFor(payload);
  header.set_target(target);
  return header;
}

Answer Sign(const Channel& channel, const std::string& target) {
  const std::string payload = TestPayload(5000);
  const auto reply = tests::Sign(channel, Header(target, payload), payload);
  if (!reply.ok()) return {reply.status().code(), ""};
  return {kOk, reply->SerializeAsString()};
}

Answer SignMany(const Channel& channel, const std::string& target) {
  const auto stub = v1::SigningService::NewStub(channel);
  grpc::ClientContext context;
  LimitTime(context);
  const auto stream = stub->SignMany(&context);
  v1::SignManyRequest request;
  request.set_payload(TestPayload(5000));
  *request.mutable_header() = Header(target, request.payload());
  stream->Write(request);
  stream->WritesDone();
  v1::SignManyReply reply;
  Answer answer;
  Code failure = kOk;
  while (stream->Read(&reply)) {
    answer.bytes += reply.SerializeAsString();
    if (reply.has_failure())
      failure = static_cast<Code>(reply.failure().code());
  }
  answer.code = CodeOf(stream->Finish());
  if (answer.code == kOk) answer.code = failure;
  return answer;
}

Answer Evaluate(const Channel& channel) {
  v1::EvaluateRequest request;
  request.mutable_header()->set_target("app");
  request.mutable_header()->set_version("1.2.3");
  v1::EvaluateReply reply;
  grpc::ClientContext context;
  LimitTime(context);
  const auto status =
      v1::SigningService::NewStub(channel)->Evaluate(&context, request, &reply);
  const bool refused = status.ok() && reply.decision() != v1::ALLOWED;
  return {refused ? kNo : CodeOf(status), reply.SerializeAsString()};
}

Answer Tail(const Channel& channel) {
  const auto stub = v1::AuditService::NewStub(channel);
  grpc::ClientContext context;
  LimitTime(context);
  const auto reader = stub->Tail(&context, {});
  v1::LogEntry entry;
  const bool began = reader->Read(&entry);
  if (began) context.TryCancel();
  const grpc::Status status = reader->Finish();
  return {began ? kOk : CodeOf(status), entry.SerializeAsString()};
}

// One unary method with one request.
template <typename Service, typename Stub, typename Request, typename Reply>
std::function<Answer(const Channel&)> Unary(
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
    const Request& request = {}) {
  return [method, request](const Channel& channel) {
    grpc::ClientContext context;
    LimitTime(context);
    Reply reply;
    const auto stub = Service::NewStub(channel);
    const grpc::Status status = ((*stub).*method)(&context, request, &reply);
    return Answer{CodeOf(status), reply.SerializeAsString()};
  };
}

Answer Release(const Channel& channel) {
  const Files files{{"fip", TestFip(5000)}, {"bootfs", "boot files"}};
  const auto reply =
      tests::Release(channel, ReleaseHeader("board", files), Joined(files));
  if (!reply.ok()) return {reply.status().code(), ""};
  return {kOk, reply->SerializeAsString()};
}

Answer Capsule(const Channel& channel) {
  v1::SignHeader header = HeaderFor("firmware");
  header.set_target("capsule");
  const auto reply = tests::Capsule(channel, header, "firmware");
  if (!reply.ok()) return {reply.status().code(), ""};
  return {kOk, reply->SerializeAsString()};
}

v1::IssueMetadataRequest OfBoard() {
  v1::IssueMetadataRequest request;
  request.set_target("board");
  return request;
}

v1::InclusionRequest FirstEntry() {
  v1::InclusionRequest request;
  request.set_index(0);
  return request;
}

v1::ConsistencyRequest FromFirstSize() {
  v1::ConsistencyRequest request;
  request.set_first_size(1);
  return request;
}

v1::GetKeyRequest ProductionKey() {
  v1::GetKeyRequest request;
  request.set_name("app");
  return request;
}

v1::ChangeKeyRequest Activation() {
  v1::ChangeKeyRequest request;
  request.mutable_change()->set_action(v1::ACTIVATE);
  request.mutable_change()->set_key("app");
  request.set_request_id("activate");
  return request;
}

v1::GetRequestRequest SomeRequest() {
  v1::GetRequestRequest request;
  request.set_id("00000000");
  return request;
}

using Signing = v1::SigningService;
using Audit = v1::AuditService;
using Keys = v1::KeyService;
using Approvals = v1::ApprovalService;
using Fwu = v1::FwuService;

}  // namespace

const std::vector<RoleRow>& RoleTable() {
  // ci, developer, release-manager, auditor, key-admin, nobody, none
  static const auto* rows = new std::vector<RoleRow>{
      {"SigningService.Sign production",
       [](auto& channel) { return Sign(channel, "app"); },
       {kOk, kNo, kNo, kNo, kNo, kNo, kWho}},
      {"SigningService.Sign development",
       [](auto& channel) { return Sign(channel, "debug"); },
       {kNo, kOk, kNo, kNo, kNo, kNo, kWho}},
      {"SigningService.SignMany production",
       [](auto& channel) { return SignMany(channel, "app"); },
       {kOk, kNo, kNo, kNo, kNo, kNo, kWho}},
      {"SigningService.SignMany development",
       [](auto& channel) { return SignMany(channel, "debug"); },
       {kNo, kOk, kNo, kNo, kNo, kNo, kWho}},
      {"SigningService.Evaluate production",
       Evaluate,
       {kOk, kNo, kNo, kNo, kNo, kNo, kWho}},
      {"SigningService.ListTargets",
       Unary<Signing>(&Signing::Stub::ListTargets),
       {kOk, kOk, kOk, kOk, kOk, kNo, kWho}},
      {"AuditService.GetEntry",
       Unary<Audit>(&Audit::Stub::GetEntry),
       {kNo, kNo, kOk, kOk, kNo, kNo, kWho}},
      {"AuditService.ListEntries",
       Unary<Audit>(&Audit::Stub::ListEntries),
       {kNo, kNo, kOk, kOk, kNo, kNo, kWho}},
      {"AuditService.Tail", Tail, {kNo, kNo, kOk, kOk, kNo, kNo, kWho}},
      {"AuditService.GetInclusionProof",
       Unary<Audit>(&Audit::Stub::GetInclusionProof, FirstEntry()),
       {kNo, kNo, kOk, kOk, kNo, kNo, kWho}},
      {"AuditService.GetConsistencyProof",
       Unary<Audit>(&Audit::Stub::GetConsistencyProof, FromFirstSize()),
       {kOk, kOk, kOk, kOk, kOk, kNo, kWho}},
      {"AuditService.GetCheckpoint",
       Unary<Audit>(&Audit::Stub::GetCheckpoint),
       {kOk, kOk, kOk, kOk, kOk, kNo, kWho}},
      {"KeyService.ListKeys",
       Unary<Keys>(&Keys::Stub::ListKeys),
       {kNo, kNo, kOk, kOk, kOk, kNo, kWho}},
      {"KeyService.GetKey",
       Unary<Keys>(&Keys::Stub::GetKey, ProductionKey()),
       {kNo, kNo, kOk, kOk, kOk, kNo, kWho}},
      {"KeyService.ChangeKey",
       Unary<Keys>(&Keys::Stub::ChangeKey, Activation()),
       {kNo, kNo, kNo, kNo, kState, kNo, kWho}},
      {"ApprovalService.ListRequests",
       Unary<Approvals>(&Approvals::Stub::ListRequests),
       {kOk, kOk, kOk, kOk, kOk, kNo, kWho}},
      {"ApprovalService.GetRequest",
       Unary<Approvals>(&Approvals::Stub::GetRequest, SomeRequest()),
       {kNone, kNone, kNone, kNone, kNone, kNo, kWho}},
      {"ApprovalService.SubmitApproval",
       Unary<Approvals>(&Approvals::Stub::SubmitApproval),
       {kBad, kBad, kBad, kBad, kBad, kNo, kWho}},
      {"FwuService.Release",
       [](auto& channel) { return Release(channel); },
       {kOk, kNo, kNo, kNo, kNo, kNo, kWho}},
      {"FwuService.Capsule",
       [](auto& channel) { return Capsule(channel); },
       {kOk, kNo, kNo, kNo, kNo, kNo, kWho}},
      {"FwuService.IssueMetadata",
       Unary<Fwu>(&Fwu::Stub::IssueMetadata, OfBoard()),
       {kOk, kNo, kNo, kNo, kNo, kNo, kWho}},
  };
  return *rows;
}

}  // namespace bootseal::tests

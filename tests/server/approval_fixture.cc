#include "tests/server/approval_fixture.h"

#include <grpcpp/client_context.h>
#include <signal.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "server/trust/entry.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

std::string Nonce() {
  static std::uint64_t next = 0;
  std::string nonce(16, '\0');
  const std::string count = absl::StrCat(next++);
  nonce.replace(0, count.size(), count);
  return nonce;
}

}  // namespace

v1::ApprovalStatement StatementFor(const v1::ApprovalRequest& request) {
  const auto entry = trust::DecodeEntry(request.pending().entry());
  if (!entry.ok()) std::abort();
  const v1::SigningEvent& signing = entry->signing();
  v1::ApprovalStatement statement;
  statement.set_origin(request.origin());
  statement.set_target(signing.target());
  statement.set_requester(entry->caller().identity());
  statement.set_subject_sha256(signing.subject_sha256());
  statement.set_payload_sha256(signing.payload_sha256());
  statement.set_version(signing.version());
  statement.set_security_counter(signing.security_counter());
  statement.set_policy_sha256(request.policy_sha256());
  statement.set_nonce(Nonce());
  const std::int64_t now = absl::ToUnixMillis(absl::Now());
  statement.set_not_before_unix_ms(now);
  statement.set_not_after_unix_ms(now + 3'600'000);
  statement.set_verdict(v1::APPROVE);
  return statement;
}

v1::ApprovalStatement DenialFor(const v1::ApprovalRequest& request,
                                const std::string& reason) {
  v1::ApprovalStatement statement = StatementFor(request);
  statement.set_verdict(v1::DENY);
  statement.set_reason(reason);
  return statement;
}

ApprovalFixture::ApprovalFixture() : payload_(TestPayload(5000)) {
  for (const TestApprover* each : {&alice_, &bob_, &carol_}) {
    server_.AddPerson(each->name(), "release-manager")
        .add_approver_keys()
        ->set_public_key(each->public_key());
  }
  server_.AddPerson("ci2", "ci");
  for (v1::Target& each : *server_.policy().mutable_targets()) {
    each.clear_lower_version();
  }
  v1::Target& target = server_.AddTarget("guarded", "app");
  target.set_approvals(2);
  target.add_approvers("release-manager");
}

v1::SignHeader ApprovalFixture::GuardedHeader() const {
  v1::SignHeader header = HeaderFor(payload_);
  header.set_target("guarded");
  return header;
}

absl::StatusOr<v1::SignReply> ApprovalFixture::Ask(const v1::SignHeader& header,
                                                   const std::string& caller) {
  return Sign(server_.Channel(caller), header, payload_);
}

v1::ApprovalRequest ApprovalFixture::Waiting(const v1::SignHeader& header,
                                             const std::string& caller) {
  const auto asked = Ask(header, caller);
  EXPECT_THAT(asked, StatusIs(absl::StatusCode::kFailedPrecondition,
                              "APPROVALS_REQUIRED"));
  auto request = Get(DetailOf(asked.status(), "subject"), caller);
  EXPECT_OK(request);
  return request.ok() ? *std::move(request) : v1::ApprovalRequest();
}

absl::StatusOr<v1::ApprovalRequest> ApprovalFixture::Get(
    const std::string& id, const std::string& caller) const {
  const auto stub = v1::ApprovalService::NewStub(server_.Channel(caller));
  grpc::ClientContext context;
  v1::GetRequestRequest request;
  request.set_id(id);
  v1::ApprovalRequest reply;
  const grpc::Status status = stub->GetRequest(&context, request, &reply);
  if (!status.ok()) return FromRpc(status);
  return reply;
}

absl::StatusOr<v1::ListRequestsReply> ApprovalFixture::List(
    const v1::ListRequestsRequest& request, const std::string& caller) const {
  const auto stub = v1::ApprovalService::NewStub(server_.Channel(caller));
  grpc::ClientContext context;
  v1::ListRequestsReply reply;
  const grpc::Status status = stub->ListRequests(&context, request, &reply);
  if (!status.ok()) return FromRpc(status);
  return reply;
}

absl::StatusOr<v1::SubmitApprovalReply> ApprovalFixture::Submit(
    const v1::DsseEnvelope& envelope, const std::string& caller) const {
  const auto stub = v1::ApprovalService::NewStub(server_.Channel(caller));
  grpc::ClientContext context;
  v1::SubmitApprovalRequest request;
  *request.mutable_envelope() = envelope;
  v1::SubmitApprovalReply reply;
  const grpc::Status status = stub->SubmitApproval(&context, request, &reply);
  if (!status.ok()) return FromRpc(status);
  return reply;
}

void ApprovalFixture::Approve(
    const v1::ApprovalRequest& request,
    const std::vector<const TestApprover*>& approvers) const {
  for (const TestApprover* each : approvers) {
    EXPECT_OK(Submit(each->Sign(StatementFor(request))));
  }
}

void ApprovalFixture::Reload() {
  const std::uint64_t version = server_.policy().version() + 1;
  server_.policy().set_version(version);
  server_.WritePolicy();
  server_.process().Signal(SIGHUP);
  ASSERT_TRUE(
      server_.WaitForLog(absl::StrCat("policy-in-force version=", version)))
      << server_.ServerLog();
}

v1::Person& ApprovalFixture::PersonNamed(const std::string& name) {
  for (v1::Person& person : *server_.policy().mutable_people()) {
    if (person.name() == name) return person;
  }
  std::abort();
}

v1::Target& ApprovalFixture::guarded() {
  return *server_.policy().mutable_targets(server_.policy().targets_size() - 1);
}

std::vector<v1::Entry> ApprovalFixture::PendingEntries() const {
  v1::ListEntriesRequest request;
  request.set_decision("pending");
  return LogEntries(server_, request);
}

}  // namespace bootseal::tests

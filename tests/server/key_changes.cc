#include "tests/server/key_changes.h"

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "server/trust/entry.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

absl::StatusOr<v1::ChangeKeyReply> ChangeKey(
    const ServerFixture& server, const std::string& caller,
    const v1::ChangeKeyRequest& asked) {
  grpc::ClientContext context;
  v1::ChangeKeyReply reply;
  const absl::Status status =
      FromRpc(v1::KeyService::NewStub(server.Channel(caller))
                  ->ChangeKey(&context, asked, &reply));
  if (!status.ok()) return status;
  return reply;
}

v1::ApprovalRequest WaitingFor(const ServerFixture& server,
                               const v1::ChangeKeyReply& waiting) {
  v1::GetRequestRequest request;
  request.set_subject_sha256(waiting.subject_sha256());
  grpc::ClientContext context;
  v1::ApprovalRequest reply;
  EXPECT_OK(FromRpc(v1::ApprovalService::NewStub(server.Channel("developer"))
                        ->GetRequest(&context, request, &reply)));
  return reply;
}

v1::ApprovalStatement KeyStatementFor(const v1::ApprovalRequest& request) {
  const auto pending = trust::DecodeEntry(request.pending().entry());
  EXPECT_OK(pending);
  v1::ApprovalStatement statement;
  statement.set_origin(request.origin());
  statement.set_requester(pending->caller().identity());
  statement.set_subject_sha256(pending->key().subject_sha256());
  statement.set_policy_sha256(request.policy_sha256());
  statement.set_nonce(std::string(16, 'n'));
  const absl::Time now = absl::Now();
  statement.set_not_before_unix_ms(absl::ToUnixMillis(now - absl::Seconds(5)));
  statement.set_not_after_unix_ms(absl::ToUnixMillis(now + absl::Hours(1)));
  statement.set_verdict(v1::APPROVE);
  *statement.mutable_key_change() = pending->key().change();
  return statement;
}

absl::Status SubmitApproval(const ServerFixture& server,
                            const v1::DsseEnvelope& envelope) {
  v1::SubmitApprovalRequest request;
  *request.mutable_envelope() = envelope;
  grpc::ClientContext context;
  v1::SubmitApprovalReply reply;
  return FromRpc(v1::ApprovalService::NewStub(server.Channel("developer"))
                     ->SubmitApproval(&context, request, &reply));
}

}  // namespace bootseal::tests

// ApprovalService: requests that wait for people, and what these say.
#ifndef BOOTSEAL_SERVER_APPROVAL_SERVICE_H_
#define BOOTSEAL_SERVER_APPROVAL_SERVICE_H_

#include "absl/status/statusor.h"
#include "bootseal/v1/approvals.grpc.pb.h"
#include "server/environment.h"

namespace bootseal::server {

// Every identified caller may ask, and sees what it asked for itself, may
// approve, or, with READ_LOG, everything; all else is NOT_FOUND
// (UNKNOWN_REQUEST). Thread-safe, as gRPC calls it.
class ApprovalService final : public v1::ApprovalService::Service {
 public:
  explicit ApprovalService(const Environment& environment)
      : environment_(environment) {}

  grpc::Status ListRequests(grpc::ServerContext* context,
                            const v1::ListRequestsRequest* request,
                            v1::ListRequestsReply* reply) override;
  grpc::Status GetRequest(grpc::ServerContext* context,
                          const v1::GetRequestRequest* request,
                          v1::ApprovalRequest* reply) override;
  // Refusals are recorded.
  grpc::Status SubmitApproval(grpc::ServerContext* context,
                              const v1::SubmitApprovalRequest* request,
                              v1::SubmitApprovalReply* reply) override;

 private:
  absl::StatusOr<v1::SubmitApprovalReply> Submit(
      const grpc::ServerContext& context,
      const v1::SubmitApprovalRequest& request) const;

  const Environment& environment_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_APPROVAL_SERVICE_H_

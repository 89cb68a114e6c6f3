// FwuService: releases, capsules and metadata of firmware update. The rpc side.
#ifndef BOOTSEAL_SERVER_FWU_SERVICE_H_
#define BOOTSEAL_SERVER_FWU_SERVICE_H_

#include "absl/status/statusor.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "server/call.h"
#include "server/environment.h"

namespace bootseal::server {

// Thread-safe, as gRPC calls it.
class FwuService final : public v1::FwuService::Service {
 public:
  explicit FwuService(const Environment& environment)
      : environment_(environment) {}

  grpc::Status IssueMetadata(grpc::ServerContext* context,
                             const v1::IssueMetadataRequest* request,
                             v1::IssueMetadataReply* reply) override;
  grpc::Status Release(grpc::ServerContext* context,
                       grpc::ServerReader<v1::SignRequest>* reader,
                       v1::SignReply* reply) override;
  grpc::Status Capsule(grpc::ServerContext* context,
                       grpc::ServerReader<v1::SignRequest>* reader,
                       v1::SignReply* reply) override;

 private:
  // Errors: Judge::AllowTarget's, CheckMakes', those of trust/release_format.h,
  // METADATA_JSON, the log's.
  absl::StatusOr<v1::IssueMetadataReply> Issue(
      const grpc::ServerContext& context,
      const v1::IssueMetadataRequest& request, RequestLine& line) const;
  absl::StatusOr<const v1::Target*> Allow(const PolicyInForce& policy,
                                          const v1::Caller& caller,
                                          const std::string& target) const;
  absl::StatusOr<v1::IssueMetadataReply> Record(const PolicyInForce& policy,
                                                const v1::Caller& caller,
                                                v1::MetadataEvent event) const;

  const Environment& environment_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_FWU_SERVICE_H_

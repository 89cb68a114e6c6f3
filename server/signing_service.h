// SigningService: the rpc side of server/signing_flow.h.
#ifndef BOOTSEAL_SERVER_SIGNING_SERVICE_H_
#define BOOTSEAL_SERVER_SIGNING_SERVICE_H_

#include "absl/status/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "server/call.h"
#include "server/environment.h"

namespace bootseal::server {

// Thread-safe, as gRPC calls it.
class SigningService final : public v1::SigningService::Service {
 public:
  explicit SigningService(const Environment& environment)
      : environment_(environment) {}

  grpc::Status Sign(grpc::ServerContext* context,
                    grpc::ServerReader<v1::SignRequest>* reader,
                    v1::SignReply* reply) override;
  grpc::Status SignMany(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::SignManyReply, v1::SignManyRequest>* stream)
      override;
  grpc::Status Evaluate(grpc::ServerContext* context,
                        const v1::EvaluateRequest* request,
                        v1::EvaluateReply* reply) override;
  grpc::Status ListTargets(grpc::ServerContext* context,
                           const v1::ListTargetsRequest* request,
                           v1::ListTargetsReply* reply) override;

 private:
  absl::Status Judge(const PolicyInForce& policy, const v1::SignHeader& header,
                     const trust::Admission& admission,
                     v1::EvaluateReply& reply) const;

  const Environment& environment_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_SIGNING_SERVICE_H_

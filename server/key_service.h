// KeyService: the policy's keys and what the token says of them.
#ifndef BOOTSEAL_SERVER_KEY_SERVICE_H_
#define BOOTSEAL_SERVER_KEY_SERVICE_H_

#include "bootseal/v1/keys.grpc.pb.h"
#include "server/environment.h"

namespace bootseal::server {

// Reading needs the permission READ_KEYS. Thread-safe, as gRPC calls it.
class KeyService final : public v1::KeyService::Service {
 public:
  explicit KeyService(const Environment& environment)
      : environment_(environment) {}

  grpc::Status ListKeys(grpc::ServerContext* context,
                        const v1::ListKeysRequest* request,
                        v1::ListKeysReply* reply) override;
  grpc::Status GetKey(grpc::ServerContext* context,
                      const v1::GetKeyRequest* request,
                      v1::Key* reply) override;
  // Needs MANAGE_KEYS.
  grpc::Status ChangeKey(grpc::ServerContext* context,
                         const v1::ChangeKeyRequest* request,
                         v1::ChangeKeyReply* reply) override;

 private:
  v1::Key Describe(const PolicyInForce& policy,
                   const v1::PinnedKey& pinned) const;

  const Environment& environment_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_SERVICE_H_

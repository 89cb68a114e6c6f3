// The gRPC server: services, health, reflection, limits, drain.
#ifndef BOOTSEAL_SERVER_RPC_SERVER_H_
#define BOOTSEAL_SERVER_RPC_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/config.pb.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/approval_service.h"
#include "server/audit_service.h"
#include "server/edge/relay.h"
#include "server/environment.h"
#include "server/fwu_service.h"
#include "server/key_service.h"
#include "server/metrics/payloads.h"
#include "server/signing_service.h"

namespace bootseal::server {

// A service by name only: whoever asks the health service for it learns that
// the process answers.
inline constexpr char kLiveness[] = "liveness";

// Thread-safe.
class RpcServer {
 public:
  // Listens and serves. UNAVAILABLE (LISTEN_FAILED). `environment` and
  // `payloads` must outlive it.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      const v1::ServerConfig& config, edge::SslContextPtr tls,
      const Environment& environment, metrics::Payloads& payloads);
  ~RpcServer();

  // The port that was bound.
  int port() const { return relay_->port(); }
  // What the health service answers for "" and each of our services; for
  // kLiveness it is always SERVING.
  enum class Health { kServing, kNotServing };
  void SetHealth(Health health);
  // Takes no new calls, waits for running ones and cuts off what is left after
  // `patience`, without a reason.
  void Drain(absl::Duration patience);

 private:
  explicit RpcServer(const Environment& environment)
      : signing_(environment),
        keys_(environment),
        audit_(environment),
        approvals_(environment),
        fwu_(environment) {}

  SigningService signing_;
  KeyService keys_;
  AuditService audit_;
  ApprovalService approvals_;
  FwuService fwu_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
  // Hands connections to the two above.
  std::unique_ptr<edge::Relay> relay_;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_RPC_SERVER_H_

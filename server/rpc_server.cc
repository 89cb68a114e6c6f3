#include "server/rpc_server.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/status.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"
#include "server/open_streams.h"
#include "server/upload.h"

namespace bootseal::server {
namespace {

// A chunk and its envelope.
constexpr int kMaxMessageBytes = static_cast<int>(kMaxChunkBytes) + (64 << 10);
// Threads beyond the calls of identified callers: for refusals and reflection.
constexpr int kSpareThreads = 32;

// For the last answers to reach their clients.
constexpr absl::Duration kLastWords = absl::Milliseconds(500);

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
using AcceptorType =
    grpc::ServerBuilder::experimental_type::ExternalConnectionType;

struct Argument {
  const char* name;
  int value;
};
// A dead client is noticed within about two minutes; one that pings more often
// than every ten seconds is sent away.
constexpr Argument kArguments[] = {
    {GRPC_ARG_KEEPALIVE_TIME_MS, 60'000},
    {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000},
    {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
    {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000},
    {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2},
    // The first frame of HTTP/2.
    {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000},
    // A connection without a call has nothing to stay for; clients make a new
    // one unseen. After an hour, calls under way go on and new ones come by
    // another: load spreads over replicas that were added.
    {GRPC_ARG_MAX_CONNECTION_IDLE_MS, 60'000},
    {GRPC_ARG_MAX_CONNECTION_AGE_MS, 3'600'000},
    // What a fast client may have under way on one stream: enough for 10 Gbit/s
    // at a millisecond, and a bound on the memory of a call. Left alone, the
    // window grows with the speed of the line.
    {GRPC_ARG_HTTP2_BDP_PROBE, 0},
    {GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1 << 20},
    // Of a call: a token of 16 KiB, and one that is too large by a little, so
    // that it is refused by name.
    {GRPC_ARG_MAX_METADATA_SIZE, 24 << 10},
    // Calls of one connection at once; the next ones wait at the client.
    {GRPC_ARG_MAX_CONCURRENT_STREAMS, 128},
};

// What is ready, or not, as a whole.
constexpr const char* kReadiness[] = {
    "",
    v1::SigningService::service_full_name(),
    v1::FwuService::service_full_name(),
    v1::ApprovalService::service_full_name(),
    v1::AuditService::service_full_name(),
    v1::KeyService::service_full_name(),
};

int MaxThreads(const CallLimits& limits) {
  return static_cast<int>(limits.calls.bounds().capacity) + kSpareThreads;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    const v1::ServerConfig& config, edge::SslContextPtr tls,
    const Environment& environment, metrics::Payloads& payloads) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<RpcServer> made(new RpcServer(environment));
  ASSIGN_OR_RETURN(
      made->relay_,
      edge::Relay::Open(config.listen(), config.limits().max_calls_per_second(),
                        std::move(tls), environment.clients));
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetResourceQuota(grpc::ResourceQuota("bootseald")
                               .SetMaxThreads(MaxThreads(environment.limits)));
  for (const Argument& argument : kArguments) {
    builder.AddChannelArgument(argument.name, argument.value);
  }
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(environment.call_figures.MakeInterceptors());
  interceptors.push_back(payloads.MakeInterceptors());
  interceptors.push_back(
      std::make_unique<OpenStreams>(environment.uploads));
  interceptors.push_back(environment.calls.MakeInterceptors());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  made->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      AcceptorType::FROM_FD, grpc::InsecureServerCredentials());
  builder.RegisterService(&made->signing_);
  builder.RegisterService(&made->keys_);
  builder.RegisterService(&made->audit_);
  builder.RegisterService(&made->approvals_);
  builder.RegisterService(&made->fwu_);
  made->server_ = builder.BuildAndStart();
  if (!made->server_) return base::Internal("gRPC does not start");
  made->relay_->Start([acceptor = made->acceptor_.get()](int connection) {
    Acceptor::NewConnectionParameters taken;
    taken.listener_fd = -1;  // the relay's own
    taken.fd = connection;
    acceptor->HandleNewConnection(&taken);
  });
  return made;
}

RpcServer::~RpcServer() {
  if (server_) Drain(absl::ZeroDuration());
}

void RpcServer::SetHealth(Health health) {
  auto& service = *server_->GetHealthCheckService();
  for (const char* name : kReadiness) {
    service.SetServingStatus(name, health == Health::kServing);
  }
  service.SetServingStatus(kLiveness, true);
}

void RpcServer::Drain(absl::Duration patience) {
  SetHealth(Health::kNotServing);
  // Before gRPC's end: what comes after it would be nobody's.
  relay_->StopListening();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
  server_->Wait();
  relay_->Stop(kLastWords);
}

}  // namespace bootseal::server

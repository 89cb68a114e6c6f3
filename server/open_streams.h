// Streams that everybody may open, certificate or not, and keep open: a few of
// each service at a time, for a short time.
#ifndef BOOTSEAL_SERVER_OPEN_STREAMS_H_
#define BOOTSEAL_SERVER_OPEN_STREAMS_H_

#include <array>
#include <chrono>
#include <cstdint>

#include "grpcpp/support/server_interceptor.h"
#include "server/concurrency_limit.h"
#include "server/upload_watch.h"

namespace bootseal::server {

// Of reflection, which hold a thread each: a tool asks all it wants in less.
inline constexpr std::uint32_t kReflectionStreams = 8;
inline constexpr std::chrono::seconds kReflectionLimit{10};
// Of health, which hold memory: who watches on begins again.
inline constexpr std::uint32_t kHealthWatches = 128;
inline constexpr std::chrono::seconds kHealthLimit{60};

// Sees every call, and leaves those of other methods alone. What is beyond a
// limit is CANCELLED. Thread-safe.
class OpenStreams final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // `watch` must outlive the server that has it.
  explicit OpenStreams(UploadWatch& watch) : watch_(watch) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  struct Limit {
    // Of methods, as a call has them.
    const char* prefix;
    std::chrono::seconds time;
    // Callers are not asked who they are: all are one.
    ConcurrencyLimit streams;
  };

  UploadWatch& watch_;
  std::array<Limit, 2> limits_{
      {{"/grpc.reflection.",  // every version of the service
        kReflectionLimit,
        {"reflection streams", {kReflectionStreams, kReflectionStreams}}},
       {"/grpc.health.v1.Health/Watch",
        kHealthLimit,
        {"health watches", {kHealthWatches, kHealthWatches}}}}};
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_OPEN_STREAMS_H_

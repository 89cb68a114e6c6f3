// Reflection is for everybody, certificate or not, and each of its streams
// holds a thread: a few at a time, for a short time.
#ifndef BOOTSEAL_SERVER_REFLECTION_LIMIT_H_
#define BOOTSEAL_SERVER_REFLECTION_LIMIT_H_

#include <chrono>
#include <cstdint>

#include "grpcpp/support/server_interceptor.h"
#include "server/concurrency_limit.h"
#include "server/upload_watch.h"

namespace bootseal::server {

// Streams of reflection that are served at once; the excess is CANCELLED.
inline constexpr std::uint32_t kReflectionStreams = 8;
// Then a stream is CANCELLED: a tool asks all it wants in less.
inline constexpr std::chrono::seconds kReflectionLimit{10};

// Sees every call, and leaves those of other services alone. Thread-safe.
class ReflectionLimit final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  // `watch` must outlive the server that has it.
  explicit ReflectionLimit(UploadWatch& watch) : watch_(watch) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  UploadWatch& watch_;
  // Callers are not asked who they are: all are one.
  ConcurrencyLimit streams_{"reflection streams",
                            {kReflectionStreams, kReflectionStreams}};
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_REFLECTION_LIMIT_H_

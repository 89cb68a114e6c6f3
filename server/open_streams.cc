#include "server/open_streams.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "grpcpp/server_context.h"

namespace bootseal::server {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

class Stream final : public grpc::experimental::Interceptor {
 public:
  Stream(grpc::ServerContextBase& context, UploadWatch& watch,
         std::chrono::seconds time,
         absl::StatusOr<ConcurrencyLimit::Place> place)
      : context_(context), watch_(watch), time_(time) {
    if (place.ok()) place_.emplace(*std::move(place));
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      Begin();
    }
    // The last moment at which the call can still be cancelled safely.
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      guard_.reset();
      place_.reset();
    }
    methods->Proceed();
  }

 private:
  // Its first read then fails, and the thread is free again.
  void Begin() {
    if (!place_) return context_.TryCancel();
    guard_.emplace(watch_, time_, context_);
  }

  grpc::ServerContextBase& context_;
  UploadWatch& watch_;
  const std::chrono::seconds time_;
  std::optional<ConcurrencyLimit::Place> place_;
  std::optional<UploadWatch::Guard> guard_;
};

}  // namespace

grpc::experimental::Interceptor* OpenStreams::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  for (Limit& limit : limits_) {
    if (!absl::StartsWith(info->method(), limit.prefix)) continue;
    // gRPC takes it over.
    return new Stream(*info->server_context(), watch_, limit.time,
                      limit.streams.Take(""));
  }
  return nullptr;
}

}  // namespace bootseal::server

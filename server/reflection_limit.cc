#include "server/reflection_limit.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "grpcpp/server_context.h"

namespace bootseal::server {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

// Every version of the service begins like this.
constexpr char kReflection[] = "/grpc.reflection.";

class Stream final : public grpc::experimental::Interceptor {
 public:
  Stream(grpc::ServerContextBase& context, UploadWatch& watch,
         absl::StatusOr<ConcurrencyLimit::Place> place)
      : context_(context), watch_(watch) {
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
    guard_.emplace(watch_, kReflectionLimit, context_);
  }

  grpc::ServerContextBase& context_;
  UploadWatch& watch_;
  std::optional<ConcurrencyLimit::Place> place_;
  std::optional<UploadWatch::Guard> guard_;
};

}  // namespace

grpc::experimental::Interceptor* ReflectionLimit::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  if (!absl::StartsWith(info->method(), kReflection)) return nullptr;
  // gRPC takes it over.
  return new Stream(*info->server_context(), watch_, streams_.Take(""));
}

}  // namespace bootseal::server

#include "server/call_places.h"

#include <utility>

#include "base/status.h"

namespace bootseal::server {

// gRPC destroys it when the handler is done and what it sent has left.
class CallPlaces::End final : public grpc::experimental::Interceptor {
 public:
  End(CallPlaces& places, const grpc::ServerContextBase& context)
      : places_(places), context_(context) {}
  ~End() override { places_.GiveBack(context_); }

  void Intercept(
      grpc::experimental::InterceptorBatchMethods* methods) override {
    methods->Proceed();
  }

 private:
  CallPlaces& places_;
  const grpc::ServerContextBase& context_;
};

class CallPlaces::Ends final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Ends(CallPlaces& places) : places_(places) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    // gRPC takes it over.
    return new End(places_, *info->server_context());
  }

 private:
  CallPlaces& places_;
};

absl::Status CallPlaces::Take(const grpc::ServerContextBase& context,
                              absl::string_view identity) {
  ASSIGN_OR_RETURN(auto place, calls_.Take(identity));
  const base::MutexLock lock(mutex_);
  places_.emplace(&context, std::move(place));
  return absl::OkStatus();
}

void CallPlaces::GiveBack(const grpc::ServerContextBase& context) {
  const base::MutexLock lock(mutex_);
  places_.erase(&context);
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
CallPlaces::MakeInterceptors() {
  return std::make_unique<Ends>(*this);
}

}  // namespace bootseal::server

#include "server/metrics/payloads.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::metrics {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

struct Rpc {
  const char* method;
  const char* name;
};
constexpr Rpc kRpcs[] = {
    {"/bootseal.v1.SigningService/SignMany", "SigningService.SignMany"},
    {"/bootseal.v1.SigningService/Sign", "SigningService.Sign"},
    {"/bootseal.v1.FwuService/Release", "FwuService.Release"},
    {"/bootseal.v1.FwuService/Capsule", "FwuService.Capsule"},
};
constexpr std::size_t kMany = 0;  // all others take a stream of SignRequest

// The message that a call was given now; nullptr: none.
template <typename Message>
const Message* ReceivedBy(InterceptorBatchMethods& methods) {
  if (!methods.QueryInterceptionHookPoint(
          InterceptionHookPoints::POST_RECV_MESSAGE)) {
    return nullptr;
  }
  return static_cast<const Message*>(methods.GetRecvMessage());
}

void Observe(base::Histogram& bytes, std::uint64_t received) {
  if (received > 0) bytes.Observe(static_cast<double>(received));
}

}  // namespace

class Payloads::Uploaded final : public grpc::experimental::Interceptor {
 public:
  explicit Uploaded(base::Histogram& bytes) : bytes_(bytes) {}
  ~Uploaded() override { Observe(bytes_, received_); }

  void Intercept(InterceptorBatchMethods* methods) override {
    const auto* message = ReceivedBy<v1::SignRequest>(*methods);
    if (message != nullptr) received_ += message->chunk().size();
    methods->Proceed();
  }

 private:
  base::Histogram& bytes_;
  std::uint64_t received_ = 0;
};

class Payloads::Many final : public grpc::experimental::Interceptor {
 public:
  explicit Many(base::Histogram& bytes) : bytes_(bytes) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    const auto* message = ReceivedBy<v1::SignManyRequest>(*methods);
    if (message != nullptr) Observe(bytes_, message->payload().size());
    methods->Proceed();
  }

 private:
  base::Histogram& bytes_;
};

class Payloads::Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(Payloads& payloads) : payloads_(payloads) {}

  // gRPC takes it over; none for a call without a payload.
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    const absl::string_view method = info->method();
    for (std::size_t i = 0; i < std::size(kRpcs); ++i) {
      if (method != kRpcs[i].method) continue;
      if (i == kMany) return new Many(payloads_.bytes_[i]);
      return new Uploaded(payloads_.bytes_[i]);
    }
    return nullptr;
  }

 private:
  Payloads& payloads_;
};

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
Payloads::MakeInterceptors() {
  return std::make_unique<Factory>(*this);
}

Family Payloads::family() const {
  static_assert(std::size(kRpcs) == std::tuple_size_v<decltype(bytes_)>);
  return {"bootseal_request_payload_bytes",
          "Bytes of payload that arrived with one request that sent any.",
          Kind::kHistogram, [this] {
            std::vector<Sample> samples;
            for (std::size_t i = 0; i < bytes_.size(); ++i) {
              samples.push_back({{{"rpc", kRpcs[i].name}}, 0, &bytes_[i]});
            }
            return samples;
          }};
}

}  // namespace bootseal::metrics

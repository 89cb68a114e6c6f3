// How large the payloads are that callers send.
#ifndef BOOTSEAL_SERVER_METRICS_PAYLOADS_H_
#define BOOTSEAL_SERVER_METRICS_PAYLOADS_H_

#include <array>
#include <cstddef>
#include <memory>

#include "base/figures.h"
#include "grpcpp/support/server_interceptor.h"
#include "server/metrics/registry.h"

namespace bootseal::metrics {

// Thread-safe. Must outlive the server that has its interceptors.
class Payloads {
 public:
  // Bytes: from a vector table to the largest payload that a server may take.
  static constexpr std::array<double, 14> kBytes{
      1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10,
      1 << 20, 2 << 20, 4 << 20,  16 << 20, 64 << 20,  256 << 20, 1 << 30};

  // Counts what arrived of each request that sent any: an upload when its call
  // ends, whatever became of it, and each message of SignMany.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
  MakeInterceptors();

  // bootseal_request_payload_bytes{rpc}.
  Family family() const;

 private:
  class Uploaded;
  class Many;
  class Factory;

  // In the order of kRpcs (payloads.cc).
  std::array<base::Histogram, 4> bytes_{
      base::Histogram(kBytes), base::Histogram(kBytes), base::Histogram(kBytes),
      base::Histogram(kBytes)};
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_PAYLOADS_H_

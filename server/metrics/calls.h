// How the calls of every service ended, and how long they took.
#ifndef BOOTSEAL_SERVER_METRICS_CALLS_H_
#define BOOTSEAL_SERVER_METRICS_CALLS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/figures.h"
#include "base/mutex.h"
#include "grpcpp/support/server_interceptor.h"
#include "grpcpp/support/status.h"
#include "server/metrics/registry.h"

namespace bootseal::metrics {

// What a reason (google.rpc.ErrorInfo) is about, of a fixed few: "none",
// "identity", "policy", "request", "approvals", "limits", "hsm", "log",
// "draining", "client", "server", "issuer_keys".
absl::string_view ReasonClass(grpc::StatusCode code, absl::string_view reason);

// Thread-safe. Must outlive the server that has its interceptors.
class Calls {
 public:
  // Of an hour's stream too: what is longer is in the last bucket.
  static constexpr std::array<double, 14> kSeconds{
      0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 300};

  Calls();

  // Counts every call, also those that no service of ours answers.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
  MakeInterceptors();

  // bootseal_calls_total{rpc, code, reason_class}.
  Family totals() const;
  // bootseal_call_duration_seconds{rpc}.
  Family durations() const;
  // bootseal_calls_in_progress{rpc}.
  Family in_progress() const;

 private:
  class Counted;
  class Factory;

  // Of one rpc: names that we do not know share one.
  struct Rpc {
    std::atomic<bool> called = false;
    base::Histogram seconds{kSeconds};
    std::atomic<std::int64_t> in_progress = 0;
  };
  using Rpcs = std::map<std::string, Rpc, std::less<>>;

  // Of "/package.Service/Method".
  Rpcs::value_type& Find(absl::string_view method);
  void Count(const std::string& rpc, const grpc::Status& status);

  // Made once; the entries stay where they are.
  Rpcs rpcs_;
  mutable base::Mutex mutex_;
  std::map<std::tuple<std::string, grpc::StatusCode, absl::string_view>,
           std::uint64_t>
      totals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_CALLS_H_

// Each call's place among the calls under way, kept until its answer has left:
// a client that does not read it holds a thread for as long.
#ifndef BOOTSEAL_SERVER_CALL_PLACES_H_
#define BOOTSEAL_SERVER_CALL_PLACES_H_

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_interceptor.h"
#include "server/concurrency_limit.h"

namespace bootseal::server {

// Thread-safe. Must outlive the server that has its interceptors.
class CallPlaces {
 public:
  // `calls` must outlive it.
  explicit CallPlaces(ConcurrencyLimit& calls) : calls_(calls) {}

  // Once for each call, as soon as its caller is known. Errors of
  // ConcurrencyLimit::Take.
  absl::Status Take(const grpc::ServerContextBase& context,
                    absl::string_view identity);

  // Gives the places back. Without it they stay taken.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
  MakeInterceptors();

 private:
  class End;
  class Ends;

  void GiveBack(const grpc::ServerContextBase& context);

  ConcurrencyLimit& calls_;
  base::Mutex mutex_;
  // A context is there for as long as its call.
  absl::flat_hash_map<const grpc::ServerContextBase*, ConcurrencyLimit::Place>
      places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CALL_PLACES_H_

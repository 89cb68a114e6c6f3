// Calls of services whose protos the distribution does not package: health and
// reflection, by their bytes on the wire.
#ifndef BOOTSEAL_TESTS_SERVER_GENERIC_CALL_H_
#define BOOTSEAL_TESTS_SERVER_GENERIC_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bootseal::tests {

// The one answer of "/package.Service/Method" to one message.
absl::StatusOr<std::string> GenericCall(
    const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
    const std::string& request);

// Streams of "/package.Service/Method" that have sent one message and neither
// end nor go on nor read, until the object is gone.
class HeldStreams {
 public:
  HeldStreams(const std::shared_ptr<grpc::Channel>& channel,
              const std::string& method, const std::string& request, int count);
  ~HeldStreams();

  // Once: how many got an answer; waits until each has one or was ended.
  int answered();

 private:
  struct Stream;

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

// grpc.health.v1.HealthCheckResponse.ServingStatus.
inline constexpr int kServing = 1;
inline constexpr int kNotServing = 2;

// What the health service says of the whole server; -1 when it does not answer.
int Health(const std::shared_ptr<grpc::Channel>& channel);
// Asks again until it says `expected`, for at most ten seconds.
int Health(const std::shared_ptr<grpc::Channel>& channel, int expected);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_GENERIC_CALL_H_

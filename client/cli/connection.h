// A channel to each of the servers, which share one log: any of them answers
// any call.
#ifndef BOOTSEAL_CLIENT_CLI_CONNECTION_H_
#define BOOTSEAL_CLIENT_CLI_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "client/cli/credentials.h"
#include "client/cli/retry.h"
#include "client/cli/rpc_status.h"
#include "client/cli/settings.h"
#include "client/token/source.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace bootseal::cli {

using Channel = std::shared_ptr<grpc::Channel>;

// Thread-safe after Open.
class Connection {
 public:
  // Checks settings and credentials; connects lazily, first to a server picked
  // at random. Ends with kUsage (SERVER_MISSING, SERVER_INVALID) or as
  // LoadCredentials and OpenTokenSource (call_token.h). `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const Settings& settings, const base::Clock& clock);

  std::size_t servers() const { return servers_.size(); }
  // Of the server that answered last. Calls made on it stay there; Call and
  // Unary go to another one when it is gone.
  const Channel& channel() const { return servers_[first_].channel; }
  // Makes the next server the first to be called.
  void TurnToNext() const { first_ = (first_ + 1) % servers_.size(); }

  // Runs `rpc` with a deadline. When a server is UNAVAILABLE the next one is
  // called at once; when all are, all of them again while that helps (retry.h),
  // which is said on standard error. The server that answers is called first
  // from then on. A failure to connect is named by probe.h, each server with
  // its own; DEADLINE_EXCEEDED is NO_ANSWER. Each call carries a token of its own
  // moment when the settings name one (AddToken's errors). `rpc` gets a fresh
  // context each time and must be safe to repeat.
  using Rpc = std::function<grpc::Status(grpc::ClientContext&, const Channel&)>;
  absl::Status Call(absl::Duration limit, const Rpc& rpc) const;

  // The same for one unary method of a service, whose stub tells which.
  template <typename Stub, typename Request, typename Reply>
  absl::StatusOr<Reply> Unary(Stub&,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Reply*),
                              const Request& request) const {
    Reply reply;
    const absl::Status status = Call(
        kUnaryLimit, [&](grpc::ClientContext& context, const Channel& channel) {
          reply.Clear();
          Stub stub(channel);
          return (stub.*method)(&context, request, &reply);
        });
    if (!status.ok()) return status;
    return reply;
  }

 private:
  static constexpr absl::Duration kUnaryLimit = absl::Seconds(30);

  struct Server {
    std::string name;
    Channel channel;
  };
  struct Failure {
    const Server* server;
    absl::Status status;
  };

  explicit Connection(Credentials credentials);
  absl::Status CallAnyOnce(absl::Time deadline, absl::Duration limit,
                           const Rpc& rpc) const;
  absl::Status ExplainAll(const std::vector<Failure>& failures) const;
  absl::Status Explain(const Failure& failure) const;

  Credentials credentials_;
  std::unique_ptr<token::Source> tokens_;  // nullptr: none are sent
  std::vector<Server> servers_;
  mutable std::atomic<std::size_t> first_ = 0;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CONNECTION_H_

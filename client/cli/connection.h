// One channel to the server, made when first needed.
#ifndef BOOTSEAL_CLIENT_CLI_CONNECTION_H_
#define BOOTSEAL_CLIENT_CLI_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>

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

// Thread-safe after Open.
class Connection {
 public:
  // Checks settings and credentials; connects lazily. Ends with kUsage
  // (SERVER_MISSING, SERVER_INVALID) or as LoadCredentials and OpenTokenSource
  // (call_token.h). `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const Settings& settings, const base::Clock& clock);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Runs `rpc` with a deadline, again while that helps (retry.h), and says on
  // standard error that it does. A failure to connect is named by probe.h;
  // DEADLINE_EXCEEDED is NO_ANSWER. Each call carries a token of its own moment
  // when the settings name one (AddToken's errors). `rpc` is called with a
  // fresh context each time and must be safe to repeat.
  absl::Status Call(
      absl::Duration limit,
      const std::function<grpc::Status(grpc::ClientContext&)>& rpc) const;

  // The same for one unary method of a stub.
  template <typename Stub, typename Request, typename Reply>
  absl::StatusOr<Reply> Unary(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Reply*),
                              const Request& request) const {
    Reply reply;
    const absl::Status status =
        Call(kUnaryLimit, [&](grpc::ClientContext& context) {
          return (stub.*method)(&context, request, &reply);
        });
    if (!status.ok()) return status;
    return reply;
  }

 private:
  static constexpr absl::Duration kUnaryLimit = absl::Seconds(30);

  Connection(std::string server, Credentials credentials);
  absl::Status Explain(const grpc::Status& status, absl::Duration limit) const;

  std::string server_;
  Credentials credentials_;
  std::unique_ptr<token::Source> tokens_;  // nullptr: none are sent
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CONNECTION_H_

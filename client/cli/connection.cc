#include "client/cli/connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/call_token.h"
#include "client/cli/exit_status.h"
#include "client/cli/probe.h"
#include "client/cli/report.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace bootseal::cli {
namespace {

constexpr absl::Duration kProbeLimit = absl::Seconds(3);

bool IsLoopback(const std::string& host) {
  return absl::StartsWith(host, "127.") || host == "::1" || host == "localhost";
}

grpc::ChannelArguments Arguments(const Address& address) {
  grpc::ChannelArguments arguments;
  // Retries are ours: with one request id and one deadline over all.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // A failed channel connects again only after it resolved its name again,
  // which by default it does not do for 30 seconds.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  if (IsLoopback(address.host)) {
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  }
  return arguments;
}

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& server,
                                           const Address& address,
                                           const Credentials& credentials) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.ca_pem;
  options.pem_cert_chain = credentials.certificate_pem;
  options.pem_private_key = std::string(credentials.key_pem.Reveal());
  return grpc::CreateCustomChannel(server, grpc::SslCredentials(options),
                                   Arguments(address));
}

// What is left of a limit, without the microseconds that are gone already.
std::string Tenths(absl::Duration duration) {
  constexpr absl::Duration kTenth = absl::Milliseconds(100);
  return absl::FormatDuration(absl::Floor(duration + kTenth / 2, kTenth));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const Settings& settings, const base::Clock& clock) {
  if (settings.server.empty()) {
    return UsageError("SERVER_MISSING",
                      "no server; give --server or BOOTSEAL_SERVER");
  }
  ASSIGN_OR_RETURN(const Address address, ParseAddress(settings.server));
  ASSIGN_OR_RETURN(Credentials credentials, LoadCredentials(settings, clock));
  std::unique_ptr<Connection> connection(
      new Connection(settings.server, std::move(credentials)));
  ASSIGN_OR_RETURN(connection->tokens_, OpenTokenSource(settings, clock));
  connection->channel_ =
      MakeChannel(settings.server, address, connection->credentials_);
  return connection;
}

Connection::Connection(std::string server, Credentials credentials)
    : server_(std::move(server)), credentials_(std::move(credentials)) {}

absl::Status Connection::Explain(const grpc::Status& status,
                                 absl::Duration limit) const {
  absl::Status named = FromRpcStatus(status);
  if (absl::IsDeadlineExceeded(named) && base::ReasonOf(named).empty()) {
    return base::Fail(
        absl::StatusCode::kDeadlineExceeded, "NO_ANSWER",
        absl::StrCat("no answer from ", server_, " within ", Tenths(limit)));
  }
  // A server of ours gives a reason; without one the transport speaks.
  if (!absl::IsUnavailable(named) || !base::ReasonOf(named).empty()) {
    return named;
  }
  RETURN_IF_ERROR(ProbeServer(server_, credentials_, kProbeLimit));
  return base::Unavailable(
      "CONNECTION_LOST",
      absl::StrCat("connection to ", server_, " was lost: ", named.message()));
}

absl::Status Connection::Call(
    absl::Duration limit,
    const std::function<grpc::Status(grpc::ClientContext&)>& rpc) const {
  RetryPlan plan;
  plan.deadline = absl::Now() + limit;
  plan.tell = [&plan, limit](const absl::Status& why) {
    Warn(absl::StrCat(base::ReasonOf(why), ": ", why.message(),
                      "; trying again for up to ",
                      Tenths(std::min(plan.patience, limit))));
  };
  return Retry(plan, [&] {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(plan.deadline));
    if (tokens_) RETURN_IF_ERROR(AddToken(*tokens_, context));
    return Explain(rpc(context), limit);
  });
}

}  // namespace bootseal::cli

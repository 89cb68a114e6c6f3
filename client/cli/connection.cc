#include "client/cli/connection.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/call_token.h"
#include "client/cli/call_trace.h"
#include "client/cli/exit_status.h"
#include "client/cli/probe.h"
#include "client/cli/report.h"
#include "client/login/report.h"
#include "client/login/store.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace bootseal::cli {
namespace {

constexpr absl::Duration kProbeLimit = absl::Seconds(3);

bool IsLoopback(const std::string& host) {
  return absl::StartsWith(host, "127.") || host == "::1" || host == "localhost";
}

// How long one of several servers may be silent before the next one is asked.
constexpr int kSilenceMilliseconds = 3000;

grpc::ChannelArguments Arguments(const Address& address, std::size_t servers) {
  grpc::ChannelArguments arguments;
  // Retries are ours: with one request id and one deadline over all.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // A failed channel connects again only after it resolved its name again,
  // which by default it does not do for 30 seconds.
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  if (servers > 1) {
    // The time for one attempt to connect: by default 20 seconds.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kSilenceMilliseconds);
    // No more often than the server takes (server/rpc_server.cc).
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 12'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kSilenceMilliseconds);
  }
  if (IsLoopback(address.host)) {
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  }
  return arguments;
}

std::shared_ptr<grpc::Channel> MakeChannel(
    const std::string& server, const grpc::ChannelArguments& arguments,
    const Credentials& credentials) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = credentials.ca_pem;
  options.pem_cert_chain = credentials.certificate_pem;
  options.pem_private_key = std::string(credentials.key_pem.Reveal());
  return grpc::CreateCustomChannel(server, grpc::SslCredentials(options),
                                   arguments);
}

// What is left of a limit, without the microseconds that are gone already.
std::string Tenths(absl::Duration duration) {
  constexpr absl::Duration kTenth = absl::Milliseconds(100);
  return absl::FormatDuration(absl::Floor(duration + kTenth / 2, kTenth));
}

absl::Status NoAnswer(absl::string_view server, absl::Duration limit) {
  return base::Fail(
      absl::StatusCode::kDeadlineExceeded, "NO_ANSWER",
      absl::StrCat("no answer from ", server, " within ", Tenths(limit)));
}

// Speaks for all: what time mends, and soonest; the first, if it mends none.
const absl::Status& MostHopeful(const std::vector<absl::Status>& statuses) {
  const absl::Status* best = &statuses.front();
  for (const absl::Status& status : statuses) {
    if (!WorthRetrying(status)) continue;
    const auto delay = [](const absl::Status& of) {
      return RetryDelayOf(of).value_or(absl::ZeroDuration());
    };
    if (!WorthRetrying(*best) || delay(status) < delay(*best)) best = &status;
  }
  return *best;
}

void WarnOfExpiry(const Settings& settings, const Credentials& credentials,
                  absl::Time now) {
  const auto bearer = login::ReadBearer(settings, credentials.certificate_pem);
  if (!bearer) return;
  const std::string notice = login::ExpiryNotice(*bearer, now);
  if (!notice.empty()) Warn(notice);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const Settings& settings, const base::Clock& clock) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   SplitServers(settings.server));
  ASSIGN_OR_RETURN(Credentials credentials, LoadCredentials(settings, clock));
  WarnOfExpiry(settings, credentials, clock.Now());
  std::unique_ptr<Connection> connection(
      new Connection(std::move(credentials)));
  ASSIGN_OR_RETURN(connection->tokens_, OpenTokenSource(settings, clock));
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const Address address, ParseAddress(name));
    connection->servers_.push_back(
        {name, MakeChannel(name, Arguments(address, names.size()),
                           connection->credentials_)});
  }
  // The load of many clients is spread.
  connection->first_ = std::random_device()() % names.size();
  return connection;
}

Connection::Connection(Credentials credentials)
    : credentials_(std::move(credentials)) {}

absl::Status Connection::Explain(const Failure& failure) const {
  // A server of ours gives a reason; without one the transport speaks.
  if (!base::ReasonOf(failure.status).empty()) return failure.status;
  const std::string& name = failure.server->name;
  RETURN_IF_ERROR(ProbeServer(name, credentials_, kProbeLimit));
  return base::Unavailable(
      "CONNECTION_LOST", absl::StrCat("connection to ", name,
                                      " was lost: ", failure.status.message()));
}

absl::Status Connection::ExplainAll(
    const std::vector<Failure>& failures) const {
  std::vector<absl::Status> statuses;
  std::vector<std::string> texts;
  for (const Failure& failure : failures) {
    statuses.push_back(Explain(failure));
    texts.push_back(absl::StrCat(failure.server->name, ": ",
                                 base::ReasonOf(statuses.back()), ": ",
                                 statuses.back().message()));
  }
  const absl::Status& first = MostHopeful(statuses);
  if (statuses.size() == 1) return first;
  return WithMessage(
      first, absl::StrCat("none of ", statuses.size(), " servers answers; ",
                          absl::StrJoin(texts, "; ")));
}

absl::Status Connection::CallAnyOnce(absl::Time deadline, absl::Duration limit,
                                     const Rpc& rpc) const {
  std::vector<Failure> failures;
  const std::size_t first = first_;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const std::size_t place = (first + i) % servers_.size();
    const Server& server = servers_[place];
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    if (tokens_) RETURN_IF_ERROR(AddToken(*tokens_, context));
    AddTrace(context);
    const absl::Status status = FromRpcStatus(rpc(context, server.channel));
    if (absl::IsDeadlineExceeded(status) && base::ReasonOf(status).empty()) {
      return NoAnswer(server.name, limit);
    }
    if (!absl::IsUnavailable(status)) {
      first_ = place;
      return status;
    }
    failures.push_back({&server, status});
  }
  // Whoever stops answering is not asked first again.
  first_ = (first + 1) % servers_.size();
  return ExplainAll(failures);
}

absl::Status Connection::Call(absl::Duration limit, const Rpc& rpc) const {
  RetryPlan plan;
  plan.deadline = absl::Now() + limit;
  plan.tell = [&plan, limit](const absl::Status& why) {
    const bool busy = absl::IsResourceExhausted(why);
    const absl::Duration most = busy ? limit : std::min(plan.patience, limit);
    Warn(absl::StrCat(base::ReasonOf(why), ": ", why.message(),
                      "; trying again",
                      most == absl::InfiniteDuration()
                          ? ""
                          : absl::StrCat(" for up to ", Tenths(most))));
  };
  return Retry(plan, [&] { return CallAnyOnce(plan.deadline, limit, rpc); });
}

}  // namespace bootseal::cli

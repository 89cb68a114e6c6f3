#include "client/cli/key_changes.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/release.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Seconds(15);

struct Options {
  v1::KeyAction action = v1::KEY_ACTION_UNSPECIFIED;
  std::string key;
  std::string replaces;
  std::string request_id;
  std::string wait;
};

absl::StatusOr<v1::ChangeKeyReply> Ask(const Connection& connection,
                                       const v1::ChangeKeyRequest& request) {
  const auto stub = v1::KeyService::NewStub(connection.channel());
  return connection.Unary(*stub, &v1::KeyService::Stub::ChangeKey, request);
}

// The same question until it is answered with "done" or time is over.
absl::StatusOr<v1::ChangeKeyReply> AskUntilDone(
    const Connection& connection, const v1::ChangeKeyRequest& request,
    absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  absl::Duration pause = kFirstPause;
  while (true) {
    ASSIGN_OR_RETURN(const v1::ChangeKeyReply reply, Ask(connection, request));
    const absl::Duration left = end - absl::Now();
    if (reply.done() || left <= absl::ZeroDuration()) return reply;
    absl::SleepFor(std::min(pause, left));
    pause = std::min(2 * pause, kLongestPause);
  }
}

void Print(const v1::ChangeKeyRequest& request, const v1::ChangeKeyReply& reply,
           Format format) {
  const std::string subject = absl::BytesToHexString(reply.subject_sha256());
  if (format == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("key", Json::Text(request.change().key()))
                    .Add("request_id", Json::Text(request.request_id()))
                    .Add("subject_sha256", Json::Text(subject))
                    .Add("pending_index", Json::Number(reply.pending_index()))
                    .Add("done", Json::Truth(reply.done()))
                    .Build()
                    .text() +
                "\n");
    return;
  }
  PrintResult(FormatTable({
      {"key", Printable(request.change().key())},
      {"state", reply.done() ? "done" : "waits for approvals"},
      {"request", subject},
      {"log entry", absl::StrCat(reply.pending_index())},
  }));
  if (reply.done()) return;
  Warn(absl::StrCat("approvers: bootseal approvals show ",
                    subject.substr(0, 16),
                    "; then run this command again, or with --wait"));
}

absl::StatusOr<ExitStatus> Change(Context& context, const Options& options) {
  v1::ChangeKeyRequest request;
  request.mutable_change()->set_action(options.action);
  request.mutable_change()->set_key(options.key);
  request.mutable_change()->set_replaces(options.replaces);
  request.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                    : options.request_id);
  absl::Duration wait = absl::ZeroDuration();
  if (!options.wait.empty()) {
    ASSIGN_OR_RETURN(wait, ParseWait(options.wait));
  }
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const v1::ChangeKeyReply reply,
                   AskUntilDone(*connection, request, wait));
  Print(request, reply, context.format());
  return reply.done() ? ExitStatus::kDone : ExitStatus::kWaiting;
}

Action Declare(CLI::App& app, v1::KeyAction action) {
  const auto options = std::make_shared<Options>();
  options->action = action;
  app.add_option("name", options->key, "of the key in the policy")
      ->required()
      ->check(PlainText());
  if (action == v1::ROTATE) {
    app.add_option("--replaces", options->replaces,
                   "the key that retires when this one is activated")
        ->required()
        ->check(PlainText());
  }
  app.add_option("--request-id", options->request_id, "default: random")
      ->check(RequestId());
  app.add_option("--wait", options->wait,
                 "for the approvals, for example 30m; default: not at all")
      ->check(NotEmpty());
  return [options](Context& context) { return Change(context, *options); };
}

}  // namespace

Action DeclareKeysActivate(CLI::App& app) { return Declare(app, v1::ACTIVATE); }
Action DeclareKeysRotate(CLI::App& app) { return Declare(app, v1::ROTATE); }
Action DeclareKeysRetire(CLI::App& app) { return Declare(app, v1::RETIRE); }

}  // namespace bootseal::cli

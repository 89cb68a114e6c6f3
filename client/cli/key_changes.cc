#include "client/cli/key_changes.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "client/approval/transcript_words.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/cli/json.h"
#include "client/cli/people_wait.h"
#include "client/cli/release.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr absl::Duration kAskLimit = absl::Seconds(30);

struct Options {
  v1::KeyAction action = v1::KEY_ACTION_UNSPECIFIED;
  std::string key;
  std::string replaces;
  std::string request_id;
  std::string wait;
  std::string transcript;
};

absl::StatusOr<v1::ChangeKeyReply> Ask(const Connection& connection,
                                       const v1::ChangeKeyRequest& request,
                                       absl::Duration limit) {
  v1::ChangeKeyReply reply;
  RETURN_IF_ERROR(connection.Call(
      limit, [&](grpc::ClientContext& context, const Channel& channel) {
        reply.Clear();
        return v1::KeyService::NewStub(channel)->ChangeKey(&context, request,
                                                           &reply);
      }));
  return reply;
}

// The same question until it is answered with "done" or time is over.
absl::StatusOr<v1::ChangeKeyReply> AskUntilDone(
    const Connection& connection, const v1::ChangeKeyRequest& request,
    absl::Duration wait) {
  auto reply = Ask(connection, request, kAskLimit);
  if (!reply.ok() || reply->done() || wait == absl::ZeroDuration()) {
    return reply;
  }
  const WaitingRequest waiting{absl::BytesToHexString(reply->subject_sha256()),
                               "", "finishes it"};
  absl::Status failure;
  AwaitPeople(connection, waiting, wait, [&](absl::Duration left) {
    auto next = Ask(connection, request, std::min(left, kAskLimit));
    failure = MayPassMeanwhile(next.status()) ? next.status() : absl::Status();
    if (!failure.ok()) return false;
    reply = std::move(next);
    return !reply.ok() || reply->done();
  });
  if (!failure.ok()) {
    Warn(absl::StrCat("the last time it was asked for, the answer was ",
                      base::ReasonOf(failure), ": ", failure.message()));
  }
  return reply;
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
  Warn(absl::StrCat("approvers: bootseal approvals show ", ShortId(subject),
                    "; then run this command again, or with --wait"));
}

absl::StatusOr<ExitStatus> Change(Context& context, const Options& options) {
  v1::ChangeKeyRequest request;
  request.mutable_change()->set_action(options.action);
  request.mutable_change()->set_key(options.key);
  request.mutable_change()->set_replaces(options.replaces);
  request.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                    : options.request_id);
  if (!options.transcript.empty()) {
    ASSIGN_OR_RETURN(const std::string text,
                     approval::ReadTranscriptFile(options.transcript));
    request.set_transcript(text);
  }
  ASSIGN_OR_RETURN(const absl::Duration wait, WaitOf(options.wait));
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
  if (action != v1::RETIRE) {
    app.add_option("--transcript", options->transcript,
                   "of the ceremony that made the key (bootseal-token "
                   "ceremony): approvers sign its hash, the log keeps it")
        ->check(NotEmpty());
  }
  app.add_option("--request-id", options->request_id, "default: random")
      ->check(RequestId());
  app.add_option("--wait", options->wait,
                 "for the approvals, for example 30m; default: BOOTSEAL_WAIT, "
                 "or not at all")
      ->check(NotEmpty());
  return [options](Context& context) { return Change(context, *options); };
}

}  // namespace

Action DeclareKeysActivate(CLI::App& app) { return Declare(app, v1::ACTIVATE); }
Action DeclareKeysRotate(CLI::App& app) { return Declare(app, v1::ROTATE); }
Action DeclareKeysRetire(CLI::App& app) { return Declare(app, v1::RETIRE); }

}  // namespace bootseal::cli

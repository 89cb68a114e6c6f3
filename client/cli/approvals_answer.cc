// approve, deny, submit: a statement, signed by a key of the approver's own.
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "client/approval/envelope_file.h"
#include "client/approval/recompute.h"
#include "client/approval/release_words.h"
#include "client/approval/signer.h"
#include "client/approval/statement.h"
#include "client/cli/approval_source.h"
#include "client/cli/approvals.h"
#include "client/cli/approver_options.h"
#include "client/cli/arguments.h"
#include "client/cli/artifact.h"
#include "client/cli/text.h"
#include "server/trust/approval.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxPayloadBytes = std::size_t{1} << 30;

struct Options {
  std::string id;
  ApproverOptions signer;
  std::string payload;
  std::vector<std::string> components;
  std::string reason;
  std::string expires;
  std::string output;
  bool lower_counter = false;
  bool lower_version = false;
  bool yes = false;
};

CLI::Validator NamedFile() {
  return {[](std::string& text) -> std::string {
            const std::size_t at = text.find('=');
            if (at != std::string::npos && at > 0 && at + 1 < text.size()) {
              return "";
            }
            return absl::StrCat("\"", text, "\" is no NAME=FILE");
          },
          "", "component"};
}

CLI::Validator Life() {
  return {[](std::string& text) -> std::string {
            absl::Duration life;
            if (absl::ParseDuration(text, &life) && life >= absl::Minutes(2)) {
              return "";
            }
            return absl::StrCat("\"", text,
                                "\" is no time of 2m or more, for example 24h");
          },
          "", "duration"};
}

absl::StatusOr<absl::Duration> LifeOf(const Options& options,
                                      const v1::ApprovalRequest& request) {
  const absl::Duration longest = absl::Seconds(request.approval_seconds());
  if (options.expires.empty()) {
    return longest > absl::ZeroDuration()
               ? std::min(approval::kDefaultLife, longest)
               : approval::kDefaultLife;
  }
  absl::Duration life;
  absl::ParseDuration(options.expires, &life);
  if (longest == absl::ZeroDuration() || life <= longest) return life;
  return UsageError("EXPIRES_TOO_LATE",
                    absl::StrCat("--expires ", options.expires,
                                 " is longer than the policy lets an approval "
                                 "live: ",
                                 absl::FormatDuration(longest)));
}

absl::StatusOr<std::string> ApproverOf(const Options& options,
                                       const v1::ApprovalRequest& request) {
  if (!options.signer.name.empty()) return options.signer.name;
  if (!request.caller().empty()) return request.caller();
  return UsageError("APPROVER_MISSING",
                    "the server does not say who we are; give --approver with "
                    "your name in the policy");
}

// What was typed on the terminal; standard input may be a pipe.
absl::StatusOr<std::string> AskOnTerminal(const std::string& question) {
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return UsageError(
        "CONFIRMATION_MISSING",
        "there is no terminal to ask on; give --yes once you have "
        "seen what `approvals show` says");
  }
  // Typed before the question, it is no answer to it.
  tcflush(terminal, TCIFLUSH);
  std::array<char, 64> line{};
  const bool asked = write(terminal, question.data(), question.size()) ==
                     static_cast<ssize_t>(question.size());
  const ssize_t got = asked ? read(terminal, line.data(), line.size()) : 0;
  close(terminal);
  return std::string(line.data(),
                     static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
}

absl::Status Confirm(const Options& options, const approval::Review& review,
                     absl::string_view verb) {
  if (options.yes) return absl::OkStatus();
  const std::string shown = approval::Describe(review);
  std::fputs(shown.c_str(), stderr);
  ASSIGN_OR_RETURN(
      const std::string answer,
      AskOnTerminal(absl::StrCat(
          "\n", verb, " ", approval::IdOf(review.pending), "? type yes: ")));
  if (absl::StripAsciiWhitespace(answer) == "yes") return absl::OkStatus();
  return base::Refused("NOT_CONFIRMED", "not confirmed; nothing was signed");
}

absl::Status CheckComponentFile(const std::string& named,
                                const approval::Review& review) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(named, absl::MaxSplits('=', 1));
  ASSIGN_OR_RETURN(const std::string content,
                   base::ReadFile(std::string(parts.second), kMaxPayloadBytes));
  return approval::CheckComponent(review.pending, parts.first, content);
}

absl::Status CheckPayloadFile(const Options& options,
                              const approval::Review& review) {
  for (const std::string& each : options.components) {
    RETURN_IF_ERROR(CheckComponentFile(each, review));
  }
  if (options.payload.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string payload,
                   base::ReadFile(options.payload, kMaxPayloadBytes));
  return approval::CheckPayload(review.pending, payload);
}

absl::Status CheckWaits(const approval::Review& review) {
  if (review.request.state() == v1::WAITING ||
      review.request.state() == v1::APPROVED) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "NOT_WAITING",
      absl::StrCat(
          "request ", approval::IdOf(review.pending), " is ",
          absl::AsciiStrToLower(v1::RequestState_Name(review.request.state())),
          "; nobody waits for an answer"));
}

absl::Status AsUsage(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) {
    return WithExit(status, ExitStatus::kUsage);
  }
  return status;
}

absl::StatusOr<v1::DsseEnvelope> Answer(const Options& options,
                                        v1::Verdict verdict, const LogKey& key,
                                        const approval::Review& review) {
  approval::Words words;
  words.verdict = verdict;
  words.reason = options.reason;
  ASSIGN_OR_RETURN(words.approver, ApproverOf(options, review.request));
  words.allows_lower_security_counter = options.lower_counter;
  words.allows_lower_version = options.lower_version;
  words.now = absl::Now();
  ASSIGN_OR_RETURN(words.life, LifeOf(options, review.request));
  words.origin = key.origin();
  words.policy_sha256 = review.request.policy_sha256();
  const auto statement = approval::MakeStatement(review.pending, words);
  if (!statement.ok()) return AsUsage(statement.status());
  RETURN_IF_ERROR(CheckPayloadFile(options, review));
  RETURN_IF_ERROR(
      Confirm(options, review, verdict == v1::APPROVE ? "approve" : "deny"));
  ASSIGN_OR_RETURN(const auto signer, approval::OpenSigner(options.signer.key));
  return approval::SignStatement(*statement, *signer);
}

std::string FormatSubmitted(const v1::SubmitApprovalReply& reply,
                            const v1::ApprovalStatement& statement,
                            Format format) {
  const std::string id =
      absl::BytesToHexString(statement.subject_sha256()).substr(0, 12);
  const std::string state =
      absl::AsciiStrToLower(v1::RequestState_Name(reply.request().state()));
  const char* const verdict =
      statement.verdict() == v1::APPROVE ? "approved" : "denied";
  if (format == Format::kText) {
    return absl::StrCat(verdict, " ", id, " as ", statement.approver(),
                        ", entry ", reply.index(), "; ",
                        reply.request().counted_size(), " of ",
                        reply.request().needed(), " approvals, ", state, "\n");
  }
  return JsonObject()
             .Add("id", Json::Text(id))
             .Add("subject_sha256", Json::Hex(statement.subject_sha256()))
             .Add("verdict", Json::Text(verdict))
             .Add("approver", Json::Text(statement.approver()))
             .Add("index", Json::Number(reply.index()))
             .Add("state", Json::Text(state))
             .Add("counted", Json::Number(static_cast<std::uint64_t>(
                                 reply.request().counted_size())))
             .Add("needed", Json::Number(reply.request().needed()))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> Send(Context& context, const ApprovalSource& source,
                                const v1::DsseEnvelope& envelope) {
  ASSIGN_OR_RETURN(const v1::ApprovalStatement statement,
                   trust::DecodeStatement(envelope.payload()));
  ASSIGN_OR_RETURN(const v1::SubmitApprovalReply reply,
                   source.Submit(envelope));
  PrintResult(FormatSubmitted(reply, statement, context.format()));
  return ExitStatus::kDone;
}

absl::Status Keep(Context& context, const Options& options,
                  const v1::DsseEnvelope& envelope) {
  const std::string json = approval::WriteEnvelopeJson(envelope);
  return Hand(context.format(), options.output,
              {.content = json,
               .shown = Json::Text(json),
               .about = JsonObject().Add("payload_type",
                                         Json::Text(envelope.payload_type()))});
}

absl::StatusOr<ExitStatus> Run(Context& context, const Options& options,
                               v1::Verdict verdict) {
  if (options.signer.key.key.empty() == options.signer.key.ssh_key.empty()) {
    return UsageError("KEY_SOURCE",
                      "expected one key to sign with, --key (PEM file or "
                      "pkcs11:...) or --ssh-key; behind `approve` and `deny` "
                      "--key is the approver's, and the connection's key goes "
                      "before `approvals`, or into BOOTSEAL_KEY");
  }
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const ApprovalSource source(*connection, key);
  ASSIGN_OR_RETURN(const approval::Review review, source.Get(options.id));
  RETURN_IF_ERROR(CheckWaits(review));
  ASSIGN_OR_RETURN(const v1::DsseEnvelope envelope,
                   Answer(options, verdict, key, review));
  if (options.output.empty()) return Send(context, source, envelope);
  RETURN_IF_ERROR(Keep(context, options, envelope));
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Submit(Context& context, const std::string& path) {
  ASSIGN_OR_RETURN(const std::string json,
                   base::ReadFile(path, approval::kMaxEnvelopeFileBytes));
  const auto envelope = approval::ReadEnvelopeJson(json);
  if (!envelope.ok()) {
    return WithExit(envelope.status(), ExitStatus::kLocalFile);
  }
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  return Send(context, ApprovalSource(*connection, key), *envelope);
}

std::shared_ptr<Options> DeclareCommon(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("id", options->id,
                 "8 or more digits of the subject, or the request id")
      ->required()
      ->check(RequestId());
  DeclareApproverOptions(app, options->signer);
  app.add_option("--expires", options->expires,
                 "how long it counts; default: 24h, or less where the policy "
                 "says so")
      ->check(Life());
  app.add_flag("--yes", options->yes, "ask nothing");
  app.add_option("-o,--output", options->output,
                 "write the signed statement (DSSE JSON), and do not send it")
      ->check(NotEmpty());
  return options;
}

}  // namespace

Action DeclareApprovalsApprove(CLI::App& app) {
  const auto options = DeclareCommon(app);
  app.add_option("--payload", options->payload,
                 "our own build: compute every digest from it")
      ->check(NotEmpty());
  app.add_option("--component", options->components,
                 "our own build of a release's image, NAME=FILE; repeatable")
      ->allow_extra_args(false)
      ->check(NamedFile());
  app.add_option("--reason", options->reason, "for the log")
      ->check(PlainText());
  app.add_flag("--allow-lower-security-counter", options->lower_counter,
               "the counter may go down");
  app.add_flag("--allow-lower-version", options->lower_version,
               "the version may go down");
  return [options](Context& context) {
    return Run(context, *options, v1::APPROVE);
  };
}

Action DeclareApprovalsDeny(CLI::App& app) {
  const auto options = DeclareCommon(app);
  app.add_option("--reason", options->reason, "for the log")
      ->required()
      ->check(PlainText());
  return
      [options](Context& context) { return Run(context, *options, v1::DENY); };
}

Action DeclareApprovalsSubmit(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  app.add_option("file", *path, "that approve or deny wrote with -o")
      ->required()
      ->check(NotEmpty());
  return [path](Context& context) { return Submit(context, *path); };
}

}  // namespace bootseal::cli

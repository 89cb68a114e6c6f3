// Of the server for its caller, or of a policy file for anybody.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/policy.h"
#include "client/cli/release.h"
#include "client/cli/text.h"
#include "client/policy/caller.h"
#include "client/policy/expectations.h"
#include "server/trust/explanation.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string target;
  std::string version;
  std::optional<std::uint32_t> security_counter;
  std::optional<std::uint64_t> size;
  bool encrypted = false;
  bool embed_receipt = false;
  // Offline.
  std::string as;
  std::string policy;
  std::string last_version;
  std::uint32_t last_security_counter = 0;
};

v1::SignHeader HeaderOf(const Options& options) {
  v1::SignHeader header;
  header.set_target(options.target);
  header.set_version(options.version);
  header.set_request_id(RandomRequestId());
  if (options.size) header.set_payload_size(*options.size);
  header.set_encrypted(options.encrypted);
  header.set_embed_receipt(options.embed_receipt);
  if (options.security_counter) {
    header.set_security_counter(*options.security_counter);
  }
  return header;
}

ExitStatus ExitOf(v1::Decision decision) {
  if (decision == v1::PENDING) return ExitStatus::kWaiting;
  return decision == v1::ALLOWED ? ExitStatus::kDone : ExitStatus::kRefused;
}

std::vector<Json> Texts(
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<Json> elements;
  for (const std::string& text : texts) elements.push_back(Json::Text(text));
  return elements;
}

std::string SeenAs(const v1::Caller& caller) {
  if (caller.subject().empty()) return caller.identity();
  return absl::StrCat(caller.identity(), " (", caller.subject(), ")");
}

using Rows = std::vector<std::vector<std::string>>;

Rows RowsOf(v1::Decision decision, const std::string& rule,
            const std::string& reason, const v1::Caller& caller) {
  return {{"decision", policy::NameOf(decision)},
          {"rule", Printable(rule)},
          {"reason", Printable(reason)},
          {"seen as", Printable(SeenAs(caller))},
          {"roles", Printable(absl::StrJoin(caller.roles(), ", "))}};
}

JsonObject ObjectOf(v1::Decision decision, const std::string& rule,
                    const std::string& reason, const v1::Caller& caller) {
  return JsonObject()
      .Add("decision", Json::Text(policy::NameOf(decision)))
      .Add("rule", Json::Text(rule))
      .Add("reason", Json::Text(reason))
      .Add("identity", Json::Text(caller.identity()))
      .Add("subject", Json::Text(caller.subject()))
      .Add("roles", Json::Array(Texts(caller.roles())));
}

std::string FormatReply(const v1::EvaluateReply& reply, Format format) {
  if (format == Format::kText) {
    return FormatTable(
        RowsOf(reply.decision(), reply.rule(), reply.reason(), reply.caller()));
  }
  return ObjectOf(reply.decision(), reply.rule(), reply.reason(),
                  reply.caller())
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> AskServer(Context& context, const Options& options) {
  v1::EvaluateRequest request;
  *request.mutable_header() = HeaderOf(options);
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const auto stub = v1::SigningService::NewStub(connection->channel());
  ASSIGN_OR_RETURN(
      const v1::EvaluateReply reply,
      connection->Unary(*stub, &v1::SigningService::Stub::Evaluate, request));
  PrintResult(FormatReply(reply, context.format()));
  return ExitOf(reply.decision());
}

const char* WordFor(const trust::RuleRow& row, v1::Decision decision) {
  switch (row.outcome) {
    case trust::RuleOutcome::kPass:
      return "pass";
    case trust::RuleOutcome::kDecided:
      return decision == v1::PENDING ? "waits" : "refuses";
    case trust::RuleOutcome::kNotReached:
      return "not reached";
  }
  return "";
}

std::string FormatText(const trust::Explanation& explanation,
                       const v1::Caller& caller) {
  const trust::Ruling& ruling = explanation.ruling;
  Rows rows = RowsOf(ruling.decision, ruling.rule, ruling.reason, caller);
  rows.push_back({"approvals needed", absl::StrCat(ruling.approvals_needed)});
  Rows rules;
  for (const trust::RuleRow& row : explanation.rules) {
    rules.push_back({row.rule, WordFor(row, ruling.decision)});
  }
  return absl::StrCat(FormatTable(rows), "\n", FormatTable(rules));
}

std::string FormatJson(const trust::Explanation& explanation,
                       const v1::Caller& caller) {
  const trust::Ruling& ruling = explanation.ruling;
  std::vector<Json> rules;
  for (const trust::RuleRow& row : explanation.rules) {
    rules.push_back(
        JsonObject()
            .Add("rule", Json::Text(row.rule))
            .Add("outcome", Json::Text(WordFor(row, ruling.decision)))
            .Build());
  }
  return ObjectOf(ruling.decision, ruling.rule, ruling.reason, caller)
             .Add("code", Json::Text(ruling.code))
             .Add("approvals_needed", Json::Number(ruling.approvals_needed))
             .Add("rules", Json::Array(rules))
             .Build()
             .text() +
         "\n";
}

// A subject of a certificate holds a colon or a space; a person's name neither.
v1::Caller CallerOf(const trust::Policy& policy, const std::string& as) {
  if (as.find_first_of(": ") == std::string::npos) {
    return policy::CallerNamed(policy, as);
  }
  return policy::CallerWithSubject(policy, as);
}

absl::StatusOr<ExitStatus> AskFile(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const auto policy, ReadPolicy(options.policy));
  trust::Question question;
  question.caller = CallerOf(*policy, options.as);
  question.header = HeaderOf(options);
  if (!options.last_version.empty()) {
    const auto last = std::make_shared<v1::SigningEvent>();
    last->set_version(options.last_version);
    last->set_security_counter(options.last_security_counter);
    question.last_release = last;
  }
  const trust::Explanation explanation = trust::Explain(*policy, question);
  PrintResult(context.format() == Format::kJson
                  ? FormatJson(explanation, question.caller)
                  : FormatText(explanation, question.caller));
  return ExitOf(explanation.ruling.decision);
}

void DeclareOffline(CLI::App& app, Options& options) {
  CLI::Option* const policy =
      app.add_option("--policy", options.policy,
                     "ask this policy file and no server; with --as")
          ->check(NotEmpty());
  CLI::Option* const as =
      app.add_option("--as", options.as,
                     "who asks: a person of the policy, or a certificate's "
                     "subject; with --policy")
          ->check(PlainText());
  policy->needs(as);
  as->needs(policy);
  CLI::Option* const last =
      app.add_option("--last-version", options.last_version,
                     "of the target's last release; default: there was none")
          ->check(PlainText())
          ->needs(policy);
  app.add_option("--last-security-counter", options.last_security_counter,
                 "of that release")
      ->transform(WholeNumber32())
      ->needs(last);
}

}  // namespace

Action DeclarePolicyExplain(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--target", options->target, "entry of the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--version", options->version,
                 "major[.minor[.revision[+build]]]")
      ->required()
      ->check(PlainText());
  app.add_option("--security-counter", options->security_counter,
                 "default: as the target says")
      ->transform(WholeNumber32());
  app.add_option("--size", options->size,
                 "of the payload in bytes; default: one that fits")
      ->transform(WholeNumber(1, kMaxNumber));
  app.add_flag("--embed-receipt", options->embed_receipt,
               "for an image that carries its receipt");
  app.add_flag("--encrypted", options->encrypted,
               "for a payload that will be encrypted");
  DeclareOffline(app, *options);
  return [options](Context& context) {
    return options->policy.empty() ? AskServer(context, *options)
                                   : AskFile(context, *options);
  };
}

}  // namespace bootseal::cli

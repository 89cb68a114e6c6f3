#include "client/cli/policy.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/release.h"
#include "client/cli/report.h"
#include "client/cli/text.h"
#include "server/trust/policy.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxPolicyBytes = 16 * 1024 * 1024;

struct CheckOptions {
  std::string file;
};

struct ExplainOptions {
  std::string target;
  std::string version;
  std::optional<std::uint32_t> security_counter;
  std::optional<std::uint64_t> size;
  bool encrypted = false;
};

// A policy may be checked where the issuers' keys are not.
trust::Policy::ReadNamedFile KeySetsBeside(const CheckOptions& options) {
  const auto folder = std::filesystem::path(options.file).parent_path();
  return [folder](const std::string& named)
             -> absl::StatusOr<std::optional<std::string>> {
    const std::string path = folder / named;
    auto text = base::ReadFile(path, trust::kMaxKeySetBytes);
    if (text.ok()) return *std::move(text);
    if (base::ReasonOf(text.status()) != "FILE_NOT_FOUND") {
      return text.status();
    }
    Warn(absl::StrCat("no file ", Printable(path),
                      ": whether it is the pinned one was not checked"));
    return std::nullopt;
  };
}

absl::StatusOr<ExitStatus> Check(Context& context,
                                 const CheckOptions& options) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(options.file, kMaxPolicyBytes));
  auto policy = trust::Policy::Parse(text);
  if (policy.ok()) policy = (*policy)->WithIssuerKeys(KeySetsBeside(options));
  if (!policy.ok()) {
    return base::Annotate(policy.status(), options.file);
  }
  const v1::Policy& proto = (*policy)->proto();
  const std::string sha256 = absl::BytesToHexString((*policy)->sha256());
  if (context.format() == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("file", Json::Text(options.file))
                    .Add("version", Json::Number(proto.version()))
                    .Add("sha256", Json::Text(sha256))
                    .Add("targets", Json::Number(static_cast<std::uint64_t>(
                                        proto.targets_size())))
                    .Build()
                    .text() +
                "\n");
    return ExitStatus::kDone;
  }
  PrintResult(absl::StrCat(
      Printable(options.file), ": policy version ", proto.version(),
      " is good: ", proto.targets_size(), " targets, ", proto.keys_size(),
      " keys, ", proto.people_size(), " people, sha256 ", sha256, "\n"));
  return ExitStatus::kDone;
}

std::string DecisionName(v1::Decision decision) {
  return absl::AsciiStrToLower(v1::Decision_Name(decision));
}

std::string FormatText(const v1::EvaluateReply& reply) {
  return FormatTable({
      {"decision", DecisionName(reply.decision())},
      {"rule", Printable(reply.rule())},
      {"reason", Printable(reply.reason())},
      {"seen as", Printable(absl::StrCat(reply.caller().identity(), " (",
                                         reply.caller().subject(), ")"))},
      {"roles", Printable(absl::StrJoin(reply.caller().roles(), ", "))},
  });
}

std::string FormatJson(const v1::EvaluateReply& reply) {
  std::vector<Json> roles;
  for (const std::string& role : reply.caller().roles()) {
    roles.push_back(Json::Text(role));
  }
  return JsonObject()
             .Add("decision", Json::Text(DecisionName(reply.decision())))
             .Add("rule", Json::Text(reply.rule()))
             .Add("reason", Json::Text(reply.reason()))
             .Add("identity", Json::Text(reply.caller().identity()))
             .Add("subject", Json::Text(reply.caller().subject()))
             .Add("roles", Json::Array(roles))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> Explain(Context& context,
                                   const ExplainOptions& options) {
  v1::EvaluateRequest request;
  v1::SignHeader& header = *request.mutable_header();
  header.set_target(options.target);
  header.set_version(options.version);
  header.set_request_id(RandomRequestId());
  if (options.size) header.set_payload_size(*options.size);
  header.set_encrypted(options.encrypted);
  if (options.security_counter) {
    header.set_security_counter(*options.security_counter);
  }
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const auto stub = v1::SigningService::NewStub(connection->channel());
  ASSIGN_OR_RETURN(
      const v1::EvaluateReply reply,
      connection->Unary(*stub, &v1::SigningService::Stub::Evaluate, request));
  PrintResult(context.format() == Format::kJson ? FormatJson(reply)
                                                : FormatText(reply));
  if (reply.decision() == v1::PENDING) return ExitStatus::kWaiting;
  return reply.decision() == v1::ALLOWED ? ExitStatus::kDone
                                         : ExitStatus::kRefused;
}

}  // namespace

Action DeclarePolicyCheck(CLI::App& app) {
  const auto options = std::make_shared<CheckOptions>();
  app.add_option("file", options->file, "policy (textproto)")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Check(context, *options); };
}

Action DeclarePolicyExplain(CLI::App& app) {
  const auto options = std::make_shared<ExplainOptions>();
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
  app.add_flag("--encrypted", options->encrypted,
               "for a payload that will be encrypted");
  return [options](Context& context) { return Explain(context, *options); };
}

}  // namespace bootseal::cli

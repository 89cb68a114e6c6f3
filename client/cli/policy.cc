#include "client/cli/policy.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/report.h"
#include "client/cli/text.h"
#include "server/trust/policy.h"

namespace bootseal::cli {
namespace {

struct CheckOptions {
  std::string file;
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

std::string FormatGood(const CheckOptions& options, const trust::Policy& policy,
                       Format format) {
  const v1::Policy& proto = policy.proto();
  const std::string sha256 = absl::BytesToHexString(policy.sha256());
  if (format == Format::kJson) {
    return JsonObject()
               .Add("file", Json::Text(options.file))
               .Add("problems", Json::Array({}))
               .Add("version", Json::Number(proto.version()))
               .Add("sha256", Json::Text(sha256))
               .Add("targets", Json::Number(static_cast<std::uint64_t>(
                                   proto.targets_size())))
               .Build()
               .text() +
           "\n";
  }
  return absl::StrCat(Printable(options.file), ": policy version ",
                      proto.version(), " is good: ", proto.targets_size(),
                      " targets, ", proto.keys_size(), " keys, ",
                      proto.people_size(), " people, sha256 ", sha256, "\n");
}

// The message has each on a line of its own, under its first (policy.h).
std::string FormatProblems(const CheckOptions& options,
                           const absl::Status& bad) {
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(bad.message()), "\n  ");
  std::vector<Json> problems;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    problems.push_back(Json::Text(lines[i]));
  }
  return JsonObject()
             .Add("file", Json::Text(options.file))
             .Add("problems", Json::Array(problems))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> Check(Context& context,
                                 const CheckOptions& options) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(options.file, kMaxPolicyBytes));
  auto policy = trust::Policy::Parse(text);
  if (policy.ok()) policy = (*policy)->WithIssuerKeys(KeySetsBeside(options));
  if (policy.ok()) {
    PrintResult(FormatGood(options, **policy, context.format()));
    return ExitStatus::kDone;
  }
  if (context.format() == Format::kJson &&
      base::ReasonOf(policy.status()) == "POLICY_INVALID") {
    PrintResult(FormatProblems(options, policy.status()));
    return ExitStatus::kRefused;
  }
  return base::Annotate(policy.status(), options.file);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const trust::Policy>> ReadPolicy(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxPolicyBytes));
  auto policy = trust::Policy::Parse(text);
  if (policy.ok()) return policy;
  return base::Annotate(policy.status(), path);
}

Action DeclarePolicyCheck(CLI::App& app) {
  const auto options = std::make_shared<CheckOptions>();
  app.add_option("file", options->file, "policy (textproto)")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Check(context, *options); };
}

}  // namespace bootseal::cli

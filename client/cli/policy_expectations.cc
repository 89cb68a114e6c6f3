// bootseal policy test.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/policy.h"
#include "client/cli/text.h"
#include "client/policy/expectations.h"

namespace bootseal::cli {
namespace {

using Results = std::vector<policy::CaseResult>;

constexpr std::size_t kMaxTestBytes = 16 * 1024 * 1024;

absl::StatusOr<v1::PolicyTest> ReadTest(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMaxTestBytes));
  auto test = policy::ParsePolicyTest(text);
  if (test.ok()) return test;
  return WithExit(base::Annotate(test.status(), path), ExitStatus::kLocalFile);
}

std::uint64_t Failures(const Results& results) {
  std::uint64_t count = 0;
  for (const policy::CaseResult& result : results) {
    if (!result.differences.empty()) ++count;
  }
  return count;
}

std::string FormatText(const Results& results) {
  std::string text;
  for (const policy::CaseResult& result : results) {
    const bool pass = result.differences.empty();
    absl::StrAppend(&text, pass ? "pass  " : "FAIL  ", Printable(result.name),
                    "\n");
    if (pass) continue;
    for (const std::string& difference : result.differences) {
      absl::StrAppend(&text, "      ", Printable(difference), "\n");
    }
    absl::StrAppend(&text, "      by rule ", Printable(result.found.rule), ": ",
                    Printable(result.found.reason), "\n");
  }
  return absl::StrCat(text, results.size() - Failures(results), " of ",
                      results.size(), " cases pass\n");
}

Json ToJson(const policy::CaseResult& result) {
  std::vector<Json> differences;
  for (const std::string& difference : result.differences) {
    differences.push_back(Json::Text(difference));
  }
  return JsonObject()
      .Add("name", Json::Text(result.name))
      .Add("pass", Json::Truth(result.differences.empty()))
      .Add("differences", Json::Array(differences))
      .Add("decision", Json::Text(policy::NameOf(result.found.decision)))
      .Add("rule", Json::Text(result.found.rule))
      .Add("code", Json::Text(result.found.code))
      .Add("reason", Json::Text(result.found.reason))
      .Add("approvals_needed", Json::Number(result.found.approvals_needed))
      .Build();
}

std::string FormatJson(const std::string& policy_path, const Results& results) {
  std::vector<Json> cases;
  for (const policy::CaseResult& result : results) {
    cases.push_back(ToJson(result));
  }
  return JsonObject()
             .Add("policy", Json::Text(policy_path))
             .Add("passed", Json::Number(results.size() - Failures(results)))
             .Add("failed", Json::Number(Failures(results)))
             .Add("cases", Json::Array(cases))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> Test(Context& context, const std::string& file) {
  ASSIGN_OR_RETURN(const v1::PolicyTest test, ReadTest(file));
  const std::string path =
      std::filesystem::path(file).parent_path() / test.policy_path();
  ASSIGN_OR_RETURN(const auto policy, ReadPolicy(path));
  const Results results = policy::Judge(*policy, test);
  PrintResult(context.format() == Format::kJson ? FormatJson(path, results)
                                                : FormatText(results));
  return Failures(results) == 0 ? ExitStatus::kDone : ExitStatus::kRefused;
}

}  // namespace

Action DeclarePolicyTest(CLI::App& app) {
  const auto file = std::make_shared<std::string>();
  app.add_option("file", *file, "expectations (textproto, PolicyTest)")
      ->required()
      ->check(NotEmpty());
  return [file](Context& context) { return Test(context, *file); };
}

}  // namespace bootseal::cli

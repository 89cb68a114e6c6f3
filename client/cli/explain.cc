#include "client/cli/explain.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/encrypted_image.h"
#include "client/cli/json.h"
#include "client/cli/payload.h"
#include "client/cli/profile_source.h"
#include "client/cli/text.h"
#include "client/cli/whole_explanation.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "server/trust/profile.h"

namespace bootseal::cli {
namespace {

using image::host::Explanation;
using image::host::Finding;
using image::host::Outcome;

struct Options {
  ProfileSource source;
  std::string image;
};

struct OutcomeWords {
  Outcome outcome;
  const char* text;
  const char* json;
};
constexpr OutcomeWords kOutcomes[] = {
    {Outcome::kPass, "pass", "pass"},
    {Outcome::kFail, "FAIL", "fail"},
    {Outcome::kNothingToJudge, "n/a", "nothing to judge"},
    {Outcome::kNotReached, "-", "not reached"},
};

const OutcomeWords& WordsOf(Outcome outcome) {
  return *std::find_if(std::begin(kOutcomes), std::end(kOutcomes),
                       [outcome](const OutcomeWords& words) {
                         return words.outcome == outcome;
                       });
}

// What the target writes by itself, as imgtool's -d takes it.
image::host::Additions AdditionsOf(const v1::Target& target) {
  image::host::Additions additions;
  for (const v1::Dependency& each : target.mcuboot().dependencies()) {
    absl::StrAppend(&additions.dependencies, "(", each.image_id(), ",",
                    each.minimum_version(), ")");
  }
  return additions;
}

std::string FormatFindings(const Explanation& explanation) {
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : explanation.findings) {
    rows.push_back({WordsOf(finding.outcome).text, Printable(finding.rule),
                    Printable(finding.detail)});
  }
  return FormatTable(rows);
}

std::string FormatFixes(const Explanation& explanation) {
  std::string text;
  for (const Finding& finding : explanation.findings) {
    if (finding.outcome != Outcome::kFail) continue;
    absl::StrAppend(&text, "\n", image::host::NameOf(finding.code), ": ",
                    Printable(finding.detail), "\n");
    if (!finding.demanded_by.empty()) {
      absl::StrAppend(&text, "  demanded by  ", Printable(finding.demanded_by),
                      "\n");
    }
    if (!finding.fix.empty()) {
      absl::StrAppend(&text, "  fix          ", Printable(finding.fix), "\n");
    }
  }
  return text;
}

std::string FormatVerdict(const Options& options, const std::string& target,
                          const Explanation& explanation) {
  if (explanation.verdict == image::Error::kOk) {
    return absl::StrCat("\nbootable for target ", Printable(target), ": ",
                        Printable(options.image), "\n");
  }
  return absl::StrCat("\nnot bootable for target ", Printable(target), ": ",
                      image::Text(explanation.verdict), " (",
                      image::host::NameOf(explanation.verdict),
                      "): ", Printable(options.image), "\n");
}

Json ToJson(const Finding& finding) {
  return JsonObject()
      .Add("code", Json::Text(image::host::NameOf(finding.code)))
      .Add("outcome", Json::Text(WordsOf(finding.outcome).json))
      .Add("rule", Json::Text(finding.rule))
      .Add("detail", Json::Text(finding.detail))
      .Add("demanded_by", Json::Text(finding.demanded_by))
      .Add("fix", Json::Text(finding.fix))
      .Build();
}

std::string FormatJson(const Options& options, const std::string& target,
                       const Explanation& explanation) {
  std::vector<Json> findings;
  for (const Finding& finding : explanation.findings) {
    findings.push_back(ToJson(finding));
  }
  const bool bootable = explanation.verdict == image::Error::kOk;
  return JsonObject()
             .Add("bootable", Json::Truth(bootable))
             .Add("target", Json::Text(target))
             .Add("image", Json::Text(options.image))
             .Add("verdict",
                  Json::Text(image::host::NameOf(explanation.verdict)))
             .Add("findings", Json::Array(findings))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> Explain(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const LoadedBytes image, LoadBytes(options.image));
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   ReadProfile(context, options.source));
  ASSIGN_OR_RETURN(const auto rules, trust::McubootProfile::Make(profile));
  const Explanation explanation = ExplainWhole(
      RulesOfFile(rules->rules()), image::host::AsBytes(image.bytes),
      AdditionsOf(profile.target()));
  const std::string target = profile.target().name();
  PrintResult(context.format() == Format::kJson
                  ? FormatJson(options, target, explanation)
                  : absl::StrCat(FormatFindings(explanation),
                                 FormatFixes(explanation),
                                 FormatVerdict(options, target, explanation)));
  return explanation.verdict == image::Error::kOk ? ExitStatus::kDone
                                                  : ExitStatus::kRefused;
}

}  // namespace

Action DeclareExplain(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("image", options->image, "MCUboot image, .bin or .hex")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->source.target, "ask the server")
      ->check(PlainText());
  app.add_option("--profile", options->source.profile,
                 "work offline with a file of `targets export`")
      ->check(NotEmpty());
  return [options](Context& context) { return Explain(context, *options); };
}

}  // namespace bootseal::cli

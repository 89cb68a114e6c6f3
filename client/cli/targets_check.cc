#include "client/cli/targets_check.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/bootloader/compare.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/profile_source.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

using bootloader::Finding;
using bootloader::Settings;
using bootloader::Verdict;

struct Options {
  ProfileSource source;
  std::string tfm_build;
  std::vector<std::string> zephyr_configs;
  std::string image;
  bool suggest = false;
};

// "s" or "ns" of a TF-M build, as the target has it.
std::string ImageOf(const Options& options, const v1::Target& target) {
  if (!options.image.empty()) return options.image;
  const std::string& type = target.mcuboot().software_type();
  if (!type.empty()) return type == "NSPE" ? "ns" : "s";
  return absl::EndsWith(target.name(), "-ns") ? "ns" : "s";
}

absl::StatusOr<Settings> ReadBuild(const Options& options,
                                   const std::string& image) {
  if (!options.tfm_build.empty()) {
    return bootloader::TfmSettings(options.tfm_build, image);
  }
  ASSIGN_OR_RETURN(const bootloader::Facts facts,
                   bootloader::LoadZephyrBuild(options.zephyr_configs));
  return bootloader::ZephyrSettings(facts);
}

absl::StatusOr<Settings> LoadSettings(const Options& options,
                                      const std::string& image) {
  absl::StatusOr<Settings> settings = ReadBuild(options, image);
  if (settings.ok()) return settings;
  return WithExit(settings.status(), ExitStatus::kLocalFile);
}

absl::Status CheckBuildNamed(const Options& options) {
  if (options.tfm_build.empty() != options.zephyr_configs.empty()) {
    return absl::OkStatus();
  }
  return UsageError("BUILD_MISSING",
                    "give --tfm-build, or --zephyr-config, and not both");
}

Json ToJson(const Finding& finding) {
  return JsonObject()
      .Add("setting", Json::Text(finding.setting))
      .Add("verdict", Json::Text(bootloader::Text(finding.verdict)))
      .Add("build", Json::Text(finding.build.value))
      .Add("build_says", Json::Text(finding.build.words))
      .Add("place", Json::Text(finding.build.place))
      .Add("target", Json::Text(finding.target))
      .Add("effect", Json::Text(finding.effect))
      .Add("fix", Json::Text(finding.fix))
      .Build();
}

std::string WordsOf(const Finding& finding) {
  if (finding.verdict == Verdict::kUnproven) {
    return "not told, and the target requires it";
  }
  return absl::StrCat("the build says ", Printable(finding.build.words), " (",
                      Printable(finding.build.place), ")");
}

void PrintDifference(const Finding& finding) {
  PrintResult(absl::StrCat("\n", finding.setting, ": ", WordsOf(finding),
                           "\n  device: ", finding.effect, "\n"));
  if (finding.fix.empty()) return;
  PrintResult(absl::StrCat("  target: ", Printable(finding.fix), "\n"));
}

void PrintTable(const std::vector<Finding>& findings) {
  std::vector<std::vector<std::string>> rows{
      {"SETTING", "VERDICT", "BUILD", "TARGET", "PLACE"}};
  for (const Finding& finding : findings) {
    rows.push_back({finding.setting,
                    std::string(bootloader::Text(finding.verdict)),
                    Printable(finding.build.value), Printable(finding.target),
                    Printable(finding.build.place)});
  }
  PrintResult(FormatTable(rows));
  for (const Finding& finding : findings) {
    if (!bootloader::IsAcceptable(finding.verdict)) PrintDifference(finding);
  }
}

void Print(Format format, const std::vector<Finding>& findings) {
  if (format == Format::kText) return PrintTable(findings);
  std::vector<Json> json;
  for (const Finding& finding : findings) json.push_back(ToJson(finding));
  PrintResult(Json::Array(json).text() + "\n");
}

absl::StatusOr<ExitStatus> PrintSuggestion(const Options& options) {
  const std::string image = options.image.empty() ? "s" : options.image;
  ASSIGN_OR_RETURN(const Settings settings, LoadSettings(options, image));
  PrintResult(bootloader::Suggest(settings));
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Check(Context& context, const Options& options) {
  RETURN_IF_ERROR(CheckBuildNamed(options));
  if (options.suggest) return PrintSuggestion(options);
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   ReadProfile(context, options.source));
  ASSIGN_OR_RETURN(const Settings settings,
                   LoadSettings(options, ImageOf(options, profile.target())));
  const std::vector<Finding> findings = bootloader::Compare(settings, profile);
  Print(context.format(), findings);
  const bool accepted =
      std::all_of(findings.begin(), findings.end(), [](const Finding& each) {
        return bootloader::IsAcceptable(each.verdict);
      });
  return accepted ? ExitStatus::kDone : ExitStatus::kRefused;
}

}  // namespace

Action DeclareTargetsCheck(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--target", options->source.target, "of the server")
      ->check(PlainText());
  app.add_option("--profile", options->source.profile,
                 "file of targets export, instead of a server")
      ->check(NotEmpty());
  app.add_option("--tfm-build", options->tfm_build, "build folder of TF-M")
      ->check(NotEmpty());
  app.add_option("--zephyr-config", options->zephyr_configs,
                 "MCUboot's .config, or the folder it was built in; again for "
                 "the application's")
      ->allow_extra_args(false)
      ->check(NotEmpty());
  app.add_option("--image", options->image,
                 "of TF-M, secure or not; default: as the target's software "
                 "type says")
      ->check(CLI::IsMember({"s", "ns"}));
  app.add_flag("--suggest", options->suggest,
               "print the target's format that the build asks for");
  return [options](Context& context) { return Check(context, *options); };
}

}  // namespace bootseal::cli

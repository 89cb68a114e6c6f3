#include "client/cli/targets.h"

#include <google/protobuf/text_format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/profile_source.h"
#include "client/cli/public_key.h"
#include "client/cli/rules_source.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string name;
  std::string format = "textproto";
  std::string output;
};

Json ToJson(const v1::Profile& profile) {
  const v1::Target& target = profile.target();
  return JsonObject()
      .Add("name", Json::Text(target.name()))
      .Add("key", Json::Text(target.key()))
      .Add("algorithm", Json::Text(AlgorithmName(profile.algorithm())))
      .Add("format", Json::Text(target.has_mcuboot() ? "mcuboot" : "unknown"))
      .Add("header_size", Json::Number(target.mcuboot().header_size()))
      .Add("slot_size", Json::Number(target.mcuboot().slot_size()))
      .Add("approvals", Json::Number(target.approvals()))
      .Build();
}

absl::StatusOr<ExitStatus> List(Context& context) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Profile> profiles,
                   FetchProfiles(*connection));
  std::vector<Json> json;
  std::vector<std::vector<std::string>> rows{
      {"NAME", "FORMAT", "KEY", "ALGORITHM", "HEADER", "SLOT", "APPROVALS"}};
  for (const v1::Profile& profile : profiles) {
    const v1::Target& target = profile.target();
    json.push_back(ToJson(profile));
    rows.push_back({Printable(target.name()),
                    target.has_mcuboot() ? "mcuboot" : "unknown",
                    Printable(target.key()), AlgorithmName(profile.algorithm()),
                    HexNumber(target.mcuboot().header_size()),
                    HexNumber(target.mcuboot().slot_size()),
                    absl::StrCat(target.approvals())});
  }
  PrintResult(context.format() == Format::kJson
                  ? Json::Array(json).text() + "\n"
                  : FormatTable(rows));
  return ExitStatus::kDone;
}

absl::StatusOr<std::string> Render(const v1::Profile& profile,
                                   const std::string& format) {
  if (format == "c++") return FormatRulesSource(profile);
  std::string text;
  if (!google::protobuf::TextFormat::PrintToString(profile, &text)) {
    return base::Internal("a profile cannot be printed");
  }
  return text;
}

absl::StatusOr<ExitStatus> Export(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   FetchProfile(*connection, options.name));
  ASSIGN_OR_RETURN(const std::string text, Render(profile, options.format));
  RETURN_IF_ERROR(WriteOutput(options.output, text));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareTargetsList(CLI::App&) {
  return [](Context& context) { return List(context); };
}

Action DeclareTargetsExport(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("name", options->name, "of the target")
      ->required()
      ->check(PlainText());
  app.add_option("--format", options->format,
                 "textproto: for --profile; c++: the rules.cc of a bootloader")
      ->check(CLI::IsMember({"textproto", "c++"}));
  app.add_option("-o,--output", options->output, "default: standard output")
      ->check(NotEmpty());
  return [options](Context& context) { return Export(context, *options); };
}

}  // namespace bootseal::cli

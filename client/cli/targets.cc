#include "client/cli/targets.h"

#include <google/protobuf/text_format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/artifact.h"
#include "client/cli/device_configuration.h"
#include "client/cli/device_hashes.h"
#include "client/cli/json.h"
#include "client/cli/profile_source.h"
#include "client/cli/public_key.h"
#include "client/cli/rules_source.h"
#include "client/cli/text.h"
#include "server/trust/overlap.h"
#include "server/trust/target_format.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string name;
  std::string format = "textproto";
  std::string output;
};

Json OverlapKeys(const v1::Target& target) {
  std::vector<Json> names;
  for (const std::string& name : target.overlap_keys()) {
    names.push_back(Json::Text(name));
  }
  return Json::Array(names);
}

Json ToJson(const ListedTarget& listed) {
  const v1::Target& target = listed.profile.target();
  return JsonObject()
      .Add("name", Json::Text(target.name()))
      .Add("key", Json::Text(target.key()))
      .Add("overlap_keys", OverlapKeys(target))
      .Add("algorithm", Json::Text(AlgorithmName(listed.profile.algorithm())))
      .Add("serving", Json::Truth(listed.serving.ok()))
      .Add("not_serving_reason", Json::Text(listed.serving.message()))
      .Add("format", Json::Text(trust::NameOfFormat(target)))
      .Add("header_size", target.has_mcuboot()
                              ? Json::Number(target.mcuboot().header_size())
                              : Json::Null())
      .Add("slot_size", target.has_mcuboot()
                            ? Json::Number(target.mcuboot().slot_size())
                            : Json::Null())
      .Add("approvals", Json::Number(target.approvals()))
      .Build();
}

// "app2", or "app2 (and app)" while devices trust both.
std::string KeysOf(const v1::Target& target) {
  if (target.overlap_keys().empty()) return Printable(target.key());
  return Printable(absl::StrCat(
      target.key(), " (and ", absl::StrJoin(target.overlap_keys(), ", "), ")"));
}

std::vector<std::string> RowOf(const ListedTarget& listed) {
  const v1::Target& target = listed.profile.target();
  return {Printable(target.name()),
          std::string(trust::NameOfFormat(target)),
          KeysOf(target),
          AlgorithmName(listed.profile.algorithm()),
          target.has_mcuboot() ? HexNumber(target.mcuboot().header_size())
                               : std::string("-"),
          target.has_mcuboot() ? HexNumber(target.mcuboot().slot_size())
                               : std::string("-"),
          absl::StrCat(target.approvals()),
          listed.serving.ok() ? "serving" : "not serving"};
}

// The table stays narrow: why goes beside it.
void WarnOf(const std::vector<ListedTarget>& targets) {
  if (targets.empty()) {
    Warn(
        "there is no target that we may ask for; a server shows targets only "
        "to those who may ask for them");
  }
  for (const ListedTarget& listed : targets) {
    if (!listed.serving.ok()) Warn(listed.serving.message());
  }
}

absl::StatusOr<ExitStatus> List(Context& context) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const std::vector<ListedTarget> targets,
                   FetchTargets(*connection));
  if (context.format() == Format::kJson) {
    std::vector<Json> json;
    for (const ListedTarget& listed : targets) json.push_back(ToJson(listed));
    PrintResult(Json::Array(json).text() + "\n");
    return ExitStatus::kDone;
  }
  std::vector<std::vector<std::string>> rows{{"NAME", "FORMAT", "KEY",
                                              "ALGORITHM", "HEADER", "SLOT",
                                              "APPROVALS", "STATE"}};
  for (const ListedTarget& listed : targets) rows.push_back(RowOf(listed));
  PrintResult(FormatTable(rows));
  WarnOf(targets);
  return ExitStatus::kDone;
}

struct Rendered {
  std::string text;
  Json json;
};

absl::StatusOr<std::string> RenderText(Context& context,
                                       const v1::Profile& profile,
                                       const std::string& format) {
  if (format == "c++") return FormatRulesSource(profile);
  if (format == "fwu") {
    ASSIGN_OR_RETURN(const LogKey log_key, context.ReadLogKey());
    return FormatDeviceConfiguration(profile, log_key);
  }
  std::string text;
  if (!google::protobuf::TextFormat::PrintToString(profile, &text)) {
    return base::Internal("a profile cannot be printed");
  }
  return text;
}

absl::StatusOr<Rendered> Render(Context& context, const v1::Profile& profile,
                                const std::string& format) {
  RETURN_IF_ERROR(trust::CheckHasEveryKey(profile));
  if (format == "hashes") {
    ASSIGN_OR_RETURN(DeviceHashes hashes, HashesOf(profile));
    return Rendered{std::move(hashes.text), std::move(hashes.json)};
  }
  ASSIGN_OR_RETURN(std::string text, RenderText(context, profile, format));
  Json json = Json::Text(text);
  return Rendered{std::move(text), std::move(json)};
}

absl::StatusOr<ExitStatus> Export(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   FetchProfile(*connection, options.name));
  ASSIGN_OR_RETURN(const Rendered rendered,
                   Render(context, profile, options.format));
  if (options.format == "c++" && profile.target().mcuboot().has_encryption()) {
    Warn(absl::StrCat("target ", Printable(options.name),
                      " takes encrypted images; a bootloader with these rules "
                      "decrypts nothing and refuses them"));
  }
  RETURN_IF_ERROR(
      Hand(context.format(), options.output,
           {.content = rendered.text,
            .shown = rendered.json,
            .about = JsonObject()
                         .Add("target", Json::Text(options.name))
                         .Add("format", Json::Text(options.format))}));
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
                 "textproto: for --profile; c++: the rules.cc of a bootloader; "
                 "fwu: the configuration of bootseal-fwu; hashes: what devices "
                 "hold of its keys, and the words to fuse")
      ->check(CLI::IsMember({"textproto", "c++", "fwu", "hashes"}));
  app.add_option("-o,--output", options->output, "default: standard output")
      ->check(NotEmpty());
  return [options](Context& context) { return Export(context, *options); };
}

}  // namespace bootseal::cli

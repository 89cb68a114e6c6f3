#include "client/cli/capsule_mark.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/profile_source.h"
#include "client/cli/text.h"
#include "client/release/guid_words.h"
#include "firmware/image/host/capsule.h"
#include "firmware/image/host/guid.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string guid;
  ProfileSource source;
  std::string output;
};

constexpr char kNotSigned[] =
    "warning: UEFI has no signature for this capsule: whoever can write the "
    "EFI system partition can make one and so keep a failing update, or undo a "
    "good one; where that matters, let bootseal-fwu decide (verdicts = "
    "signed), "
    "whose accept and reject take a signed --statement alone";

absl::StatusOr<image::Guid> TypeOf(Context& context, const Options& options) {
  if (!options.guid.empty()) {
    if (options.source.target.empty() && options.source.profile.empty()) {
      return release::ParseGuidWord("image type", options.guid);
    }
    return UsageError("USAGE",
                      "--guid has no place beside --target or --profile: the "
                      "target says which");
  }
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   ReadProfile(context, options.source));
  const v1::CapsuleFormat& format = profile.target().capsule();
  const auto type = image::host::ParseGuid(format.image_type_guid());
  if (type) return *type;
  return base::Precondition(
      "TARGET_NOT_CAPSULE",
      absl::StrCat("target ", Printable(profile.target().name()),
                   " has no capsule format; give --guid"));
}

absl::StatusOr<ExitStatus> Deliver(Context& context, const std::string& output,
                                   const std::string& content, JsonObject json,
                                   const std::string& words) {
  RETURN_IF_ERROR(WriteOutput(output, content));
  const std::string text =
      context.format() == Format::kJson
          ? json.Add("output", Json::Text(output))
                    .Add("is_signed", Json::Truth(false))
                    .Build()
                    .text() +
                "\n"
          : absl::StrCat(Printable(output), ": ", words, "\n");
  if (IsStandardOutput(output)) {
    std::fputs(text.c_str(), stderr);
  } else {
    PrintResult(text);
  }
  Warn(kNotSigned);
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Accept(Context& context, const Options& options) {
  RETURN_IF_ERROR(CheckOutput(options.output));
  ASSIGN_OR_RETURN(const image::Guid type, TypeOf(context, options));
  const std::string text = image::host::FormatGuid(type);
  return Deliver(context, options.output, image::host::WriteAcceptCapsule(type),
                 JsonObject()
                     .Add("kind", Json::Text("accept"))
                     .Add("image_type_guid", Json::Text(text)),
                 absl::StrCat("accepts the trial of ", text));
}

absl::StatusOr<ExitStatus> Revert(Context& context, const Options& options) {
  RETURN_IF_ERROR(CheckOutput(options.output));
  return Deliver(context, options.output, image::host::WriteRevertCapsule(),
                 JsonObject().Add("kind", Json::Text("revert")),
                 "reverts the trial");
}

void DeclareOutput(CLI::App& app, Options& options) {
  app.add_option("-o,--output", options.output,
                 "for \\EFI\\UpdateCapsule\\; -: standard output")
      ->required()
      ->check(NotEmpty());
}

}  // namespace

Action DeclareCapsuleAccept(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--guid", options->guid,
                 "image type: a GUID, or a name such as fip")
      ->check(NotEmpty());
  app.add_option("--target", options->source.target,
                 "the image type of this target, from the server")
      ->check(PlainText());
  app.add_option("--profile", options->source.profile,
                 "the image type of this file's target")
      ->check(NotEmpty());
  DeclareOutput(app, *options);
  return [options](Context& context) { return Accept(context, *options); };
}

Action DeclareCapsuleRevert(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareOutput(app, *options);
  return [options](Context& context) { return Revert(context, *options); };
}

}  // namespace bootseal::cli

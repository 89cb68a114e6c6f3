#include "client/cli/verify.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/acceptance.h"
#include "client/cli/arguments.h"
#include "client/cli/encrypted_image.h"
#include "client/cli/json.h"
#include "client/cli/key_in_use.h"
#include "client/cli/payload.h"
#include "client/cli/profile_source.h"
#include "client/cli/stm32_verdict.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/embedded_receipt.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxReceiptBytes = 1024 * 1024;

struct Options {
  ProfileSource source;
  std::string image;
  std::string receipt;
};

absl::Status CheckReceiptFile(Context& context, const std::string& path,
                              const v1::Profile& profile,
                              const std::string& image) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const std::string receipt,
                   base::ReadFile(path, kMaxReceiptBytes));
  return base::Annotate(CheckReceipt(key, receipt, profile, image).status(),
                        absl::StrCat("receipt ", path));
}

ExitStatus PrintRefusal(Format format, const Options& options,
                        const v1::Profile& profile,
                        const absl::Status& status) {
  if (format == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("bootable", Json::Truth(false))
                    .Add("target", Json::Text(profile.target().name()))
                    .Add("image", Json::Text(options.image))
                    .Add("rule", Json::Text(base::ReasonOf(status)))
                    .Add("reason", Json::Text(status.message()))
                    .Build()
                    .text() +
                "\n");
  } else {
    PrintResult(absl::StrCat(Printable(status.message()), " (",
                             base::ReasonOf(status), ") for target ",
                             Printable(profile.target().name()), ": ",
                             Printable(options.image), "\n"));
  }
  return ExitStatus::kRefused;
}

// By the target's rules, the receipt in the image was judged: it is in a log of
// theirs.
bool IsInTheirLog(const v1::Profile& profile, absl::string_view image) {
  return profile.target().mcuboot().has_receipt() &&
         !image::host::CarriedReceipt(image::host::AsBytes(image)).empty();
}

void PrintVerdict(Format format, const Options& options, const KeyInUse& key,
                  const image::Verified& verified, absl::string_view image) {
  const v1::Profile& profile = key.profile;
  const bool in_log = !options.receipt.empty() || IsInTheirLog(profile, image);
  const std::string version = image::host::FormatVersion(verified.version());
  if (format == Format::kText) {
    PrintResult(
        absl::StrCat("bootable for target ", Printable(profile.target().name()),
                     ": ", Printable(options.image), ", version ", version,
                     ", security counter ", verified.security_counter(),
                     in_log ? ", in the log" : "", KeyWords(key), "\n"));
    return;
  }
  JsonObject json;
  json.Add("bootable", Json::Truth(true))
      .Add("target", Json::Text(profile.target().name()))
      .Add("image", Json::Text(options.image))
      .Add("version", Json::Text(version))
      .Add("security_counter", Json::Number(verified.security_counter()));
  if (in_log) json.Add("in_log", Json::Truth(true));
  AddKey(key, json);
  PrintResult(json.Build().text() + "\n");
}

absl::StatusOr<ExitStatus> Verify(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const LoadedBytes image, LoadBytes(options.image));
  ASSIGN_OR_RETURN(const v1::Profile target,
                   ReadProfile(context, options.source));
  if (IsForStm32(target.target())) {
    return VerifyForStm32(
        context, {options.image, image.bytes, options.receipt, {}}, target);
  }
  const KeyInUse key = FindKeyInUse(target, [&](const v1::Profile& each) {
    return JudgeFile(each, image.bytes).status();
  });
  const v1::Profile& profile = key.profile;
  const auto verified = JudgeFile(profile, image.bytes);
  if (!verified.ok()) {
    return PrintRefusal(context.format(), options, profile, verified.status());
  }
  if (!options.receipt.empty()) {
    RETURN_IF_ERROR(
        CheckReceiptFile(context, options.receipt, profile, image.bytes));
  }
  PrintVerdict(context.format(), options, key, *verified, image.bytes);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareVerify(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option(
         "image", options->image,
         "MCUboot image, .bin or .hex; an STM32MP's package or first stage")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->source.target, "ask the server")
      ->check(PlainText());
  app.add_option("--profile", options->source.profile,
                 "work offline with a file of `targets export`")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "demand this proof that the signature is in the log")
      ->check(NotEmpty());
  return [options](Context& context) { return Verify(context, *options); };
}

}  // namespace bootseal::cli

#include "client/cli/stm32_verdict.h"

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/json.h"
#include "client/cli/key_in_use.h"
#include "client/cli/log_key.h"
#include "client/cli/package_report.h"
#include "client/cli/text.h"
#include "client/package/sealed_first_stage.h"
#include "client/package/sealed_package.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain_package.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_profile.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxReceiptBytes = 1024 * 1024;

// Its counter: a package's, or the image version of a first stage.
absl::StatusOr<std::uint32_t> Judge(const v1::Profile& profile,
                                    absl::string_view bytes) {
  if (profile.target().has_fip()) {
    ASSIGN_OR_RETURN(const package::SoundPackage sound,
                     package::VerifyPackage(profile, bytes));
    return sound.counter;
  }
  ASSIGN_OR_RETURN(const image::stm32::Header header,
                   package::VerifyFirstStage(profile, bytes));
  return header.image_version;
}

// A chip takes a first stage of any key in its table: which one it is, the
// header says.
absl::Status JudgeByKey(const v1::Profile& profile, absl::string_view bytes) {
  const v1::Stm32HeaderFormat& format = profile.target().stm32_header();
  const auto header = image::stm32::ReadHeader(image::host::AsBytes(bytes));
  if (!format.public_keys().empty() && header.ok() &&
      header->key_index != format.key_index()) {
    return base::Precondition("KEY_UNKNOWN", "it is of another key's place");
  }
  return Judge(profile, bytes).status();
}

KeyInUse KeyOfFile(const v1::Profile& profile, absl::string_view bytes) {
  return FindKeyInUse(profile, [bytes](const v1::Profile& each) {
    return JudgeByKey(each, bytes);
  });
}

absl::Status CheckReceipt(const LogKey& key, const std::string& receipt,
                          const v1::Profile& profile, absl::string_view bytes) {
  return profile.target().has_fip()
             ? package::CheckPackageReceipt(key, receipt, profile, bytes)
                   .status()
             : package::CheckFirstStageReceipt(key, receipt, profile, bytes)
                   .status();
}

absl::Status CheckReceiptFile(Context& context, const JudgedFile& file,
                              const v1::Profile& profile) {
  if (file.receipt.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const std::string receipt,
                   base::ReadFile(file.receipt, kMaxReceiptBytes));
  return base::Annotate(CheckReceipt(key, receipt, profile, file.bytes),
                        absl::StrCat("receipt ", file.receipt));
}

void PrintRefusal(Format format, const JudgedFile& file,
                  const v1::Target& target, const absl::Status& status) {
  if (format == Format::kText) {
    PrintResult(absl::StrCat(Printable(status.message()), " (",
                             base::ReasonOf(status), ") for target ",
                             Printable(target.name()), ": ",
                             Printable(file.path), "\n"));
    return;
  }
  PrintResult(JsonObject()
                  .Add("bootable", Json::Truth(false))
                  .Add("target", Json::Text(target.name()))
                  .Add("image", Json::Text(file.path))
                  .Add("rule", Json::Text(base::ReasonOf(status)))
                  .Add("reason", Json::Text(status.message()))
                  .Build()
                  .text() +
              "\n");
}

void PrintVerdict(Format format, const JudgedFile& file, const KeyInUse& key,
                  std::uint32_t counter) {
  const v1::Target& target = key.profile.target();
  const bool in_log = !file.receipt.empty();
  if (format == Format::kText) {
    PrintResult(absl::StrCat(
        "bootable for target ", Printable(target.name()), ": ",
        Printable(file.path),
        target.has_fip() ? ", NV counter " : ", image version ", counter,
        in_log ? ", in the log" : "", KeyWords(key), "\n"));
    return;
  }
  JsonObject json;
  json.Add("bootable", Json::Truth(true))
      .Add("target", Json::Text(target.name()))
      .Add("image", Json::Text(file.path))
      .Add("security_counter", Json::Number(counter));
  if (in_log) json.Add("in_log", Json::Truth(true));
  AddKey(key, json);
  PrintResult(json.Build().text() + "\n");
}

struct Explanation {
  std::string text;
  bool starts = false;
};

// A device that starts it is not all: it has to be what the target is, too.
ExitStatus PrintExplanation(Context& context, const JudgedFile& file,
                            const v1::Profile& profile,
                            const Explanation& explanation) {
  const absl::Status verdict = Judge(profile, file.bytes).status();
  const bool refused = explanation.starts && !verdict.ok();
  if (!refused || context.format() == Format::kText) {
    PrintResult(explanation.text);
  }
  if (refused) {
    PrintRefusal(context.format(), file, profile.target(), verdict);
  }
  return explanation.starts && verdict.ok() ? ExitStatus::kDone
                                            : ExitStatus::kRefused;
}

absl::StatusOr<ExitStatus> ExplainPackage(Context& context,
                                          const JudgedFile& file,
                                          const v1::Profile& profile) {
  ASSIGN_OR_RETURN(const auto made, trust::PackageProfile::Make(profile));
  image::certificate::Rules rules = made->rules();
  rules.trusted_counter = file.device_counter.value_or(0);
  rules.non_trusted_counter = file.device_counter.value_or(0);
  const auto report = image::host::ExplainPackage(rules, file.bytes);
  return PrintExplanation(context, file, profile,
                          {FormatPackageReport(report, context.format()),
                           report.verdict == image::Error::kOk});
}

}  // namespace

bool IsForStm32(const v1::Target& target) {
  return target.has_fip() || target.has_stm32_header();
}

absl::StatusOr<ExitStatus> VerifyForStm32(Context& context,
                                          const JudgedFile& file,
                                          const v1::Profile& whole) {
  const KeyInUse key = KeyOfFile(whole, file.bytes);
  const v1::Profile& profile = key.profile;
  const v1::Target& target = profile.target();
  const auto counter = Judge(profile, file.bytes);
  if (!counter.ok()) {
    PrintRefusal(context.format(), file, target, counter.status());
    return ExitStatus::kRefused;
  }
  RETURN_IF_ERROR(CheckReceiptFile(context, file, profile));
  PrintVerdict(context.format(), file, key, *counter);
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> ExplainForStm32(Context& context,
                                           const JudgedFile& file,
                                           const v1::Profile& whole) {
  const v1::Profile profile = KeyOfFile(whole, file.bytes).profile;
  if (profile.target().has_fip()) return ExplainPackage(context, file, profile);
  ASSIGN_OR_RETURN(const auto made, trust::FirstStageProfile::Make(profile));
  const image::stm32::Chip chip{
      trust::DescriptionOf(made->format(), 0).version, true,
      image::Digest(image::host::AsBytes(made->fused_hash())),
      file.device_counter.value_or(made->format().open_chips() ? 0 : 1)};
  const FirstStageReport report =
      ExplainFirstStage(chip, file.bytes, context.format());
  return PrintExplanation(context, file, profile,
                          {report.text, report.decision.starts});
}

}  // namespace bootseal::cli

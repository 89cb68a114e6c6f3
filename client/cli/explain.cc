#include "client/cli/explain.h"

#include <CLI/CLI.hpp>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/encrypted_image.h"
#include "client/cli/explain_key.h"
#include "client/cli/explain_report.h"
#include "client/cli/key_in_use.h"
#include "client/cli/payload.h"
#include "client/cli/profile_source.h"
#include "client/cli/stm32_verdict.h"
#include "client/cli/text.h"
#include "client/cli/whole_explanation.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/header.h"
#include "server/trust/profile.h"

namespace bootseal::cli {
namespace {

using image::host::AsBytes;
using image::host::Evidence;
using image::host::FilePadding;
using image::host::OtherVersions;
using image::host::TargetWords;

struct Options {
  std::string target;
  std::vector<std::string> profiles;  // the first judges
  std::string image;
  std::string primary;
  std::vector<std::string> others;  // "1=2.0.0"
  std::optional<std::uint32_t> device_counter;
};

// The profile that judges, and those whose keys may turn up.
struct Profiles {
  v1::Profile judging;
  std::vector<v1::Profile> others;
};

// What the target writes by itself, as imgtool's -d takes it.
std::string DependenciesOf(const v1::Target& target) {
  std::string dependencies;
  for (const v1::Dependency& each : target.mcuboot().dependencies()) {
    absl::StrAppend(&dependencies, dependencies.empty() ? "" : ",", "(",
                    each.image_id(), ",", each.minimum_version(), ")");
  }
  return dependencies;
}

FilePadding PaddingOf(v1::Padding padding) {
  if (padding == v1::PAD) return FilePadding::kPad;
  return padding == v1::CONFIRM ? FilePadding::kConfirm : FilePadding::kNone;
}

std::vector<image::host::VendorTlv> VendorTlvsOf(
    const v1::McubootFormat& format) {
  std::vector<image::host::VendorTlv> tlvs;
  for (const v1::VendorTlv& each : format.vendor_tlvs()) {
    tlvs.push_back({static_cast<std::uint16_t>(each.type()), each.value()});
  }
  return tlvs;
}

TargetWords WordsOf(const v1::Target& target) {
  const v1::McubootFormat& format = target.mcuboot();
  return {
      .name = target.name(),
      .padding = PaddingOf(format.padding()),
      .payload_has_header_room = format.payload_has_header_room(),
      .erased = format.erased_zero() ? std::byte{0} : std::byte{0xff},
      .default_security_counter = format.default_security_counter(),
      .security_counter_from_version = format.security_counter_from_version(),
      .dependencies = DependenciesOf(target),
      .vendor_tlvs = VendorTlvsOf(format),
      .request_tlvs = {format.request_tlvs().begin(),
                       format.request_tlvs().end()}};
}

image::host::Additions AdditionsOf(const TargetWords& target) {
  return {.dependencies = target.dependencies,
          .security_counter_from_version = target.security_counter_from_version,
          .default_security_counter = target.default_security_counter};
}

absl::StatusOr<Profiles> ReadProfiles(Context& context,
                                      const Options& options) {
  const std::string first =
      options.profiles.empty() ? "" : options.profiles.front();
  Profiles profiles;
  ASSIGN_OR_RETURN(profiles.judging,
                   ReadProfile(context, {options.target, first}));
  for (std::size_t i = 1; i < options.profiles.size(); ++i) {
    ASSIGN_OR_RETURN(v1::Profile other, LoadProfile(options.profiles[i]));
    profiles.others.push_back(std::move(other));
  }
  return profiles;
}

// A server knows more targets; it is asked only about a key that is not ours.
absl::StatusOr<std::vector<v1::Profile>> OtherProfiles(
    Context& context, const Options& options, const Profiles& profiles,
    const Evidence& evidence) {
  std::vector<v1::Profile> others = profiles.others;
  if (options.target.empty() || !NamesOtherKey(evidence)) return others;
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const std::vector<ListedTarget> listed,
                   FetchTargets(*connection));
  for (const ListedTarget& each : listed) others.push_back(each.profile);
  return others;
}

absl::StatusOr<OtherVersions> ParseOthers(const Options& options) {
  OtherVersions versions;
  for (const std::string& text : options.others) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    const std::optional<std::uint64_t> id = ParseNumber(parts.first);
    if (!id || *id > std::numeric_limits<std::uint8_t>::max()) {
      return UsageError(
          "OTHER_INVALID",
          absl::StrCat("--other ", Printable(text),
                       ": expected IMAGE=VERSION, such as 1=2.0.0, the image "
                       "from 0 to 255"));
    }
    const auto version = image::host::ParseVersion(parts.second);
    if (!version.ok()) {
      return UsageError("OTHER_INVALID",
                        absl::StrCat("--other ", Printable(text), ": ",
                                     version.status().message()));
    }
    versions[static_cast<std::uint32_t>(*id)] = *version;
  }
  return versions;
}

absl::StatusOr<std::optional<PrimarySlot>> ReadPrimary(
    const Options& options, const Evidence& evidence) {
  if (options.primary.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const LoadedBytes loaded, LoadBytes(options.primary));
  const image::Bytes bytes = AsBytes(loaded.bytes);
  PrimarySlot slot{
      image::host::ReadTrailer(evidence.rules, bytes, evidence.target.erased),
      std::nullopt};
  const auto header = image::mcuboot::ReadHeader(bytes);
  if (header.ok()) slot.version = header->version;
  return slot;
}

absl::StatusOr<ExplainReport> Judge(Context& context, const Options& options,
                                    const image::mcuboot::Rules& rules,
                                    const LoadedBytes& loaded,
                                    const Profiles& profiles) {
  ASSIGN_OR_RETURN(const OtherVersions others, ParseOthers(options));
  const TargetWords target = WordsOf(profiles.judging.target());
  const image::Bytes bytes = AsBytes(loaded.bytes);
  const Evidence evidence = image::host::Gather(
      rules, bytes, target,
      {.hex_address = loaded.address, .path = options.image});
  ExplainReport report{
      options.image,
      evidence,
      ExplainWhole(rules, bytes, AdditionsOf(target)),
      image::host::Diagnose(evidence),
      image::host::PredictMcuboot(rules, bytes),
      {},
      image::host::PredictDependencies(rules, evidence.reading.facts, others)};
  ASSIGN_OR_RETURN(report.primary, ReadPrimary(options, evidence));
  ASSIGN_OR_RETURN(const std::vector<v1::Profile> owners,
                   OtherProfiles(context, options, profiles, evidence));
  for (const auto& one :
       {DiagnoseKnownKey(evidence), DiagnoseOtherTarget(evidence, owners)}) {
    if (one) report.diagnoses.push_back(*one);
  }
  return report;
}

absl::Status CheckOptionsForStm32(const Options& options) {
  if (options.primary.empty() && options.others.empty() &&
      options.profiles.size() < 2) {
    return absl::OkStatus();
  }
  return UsageError("NOT_OF_TARGET",
                    "packages and first stages have no primary slot, other "
                    "images or keys of other targets to compare with; leave "
                    "--primary, --other and a second --profile out");
}

absl::StatusOr<ExitStatus> Explain(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const LoadedBytes loaded, LoadBytes(options.image));
  ASSIGN_OR_RETURN(Profiles profiles, ReadProfiles(context, options));
  if (IsForStm32(profiles.judging.target())) {
    RETURN_IF_ERROR(CheckOptionsForStm32(options));
    return ExplainForStm32(
        context, {options.image, loaded.bytes, "", options.device_counter},
        profiles.judging);
  }
  const KeyInUse key =
      FindKeyInUse(profiles.judging, [&](const v1::Profile& each) {
        return JudgeFile(each, loaded.bytes).status();
      });
  profiles.judging = key.profile;
  ASSIGN_OR_RETURN(const auto made,
                   trust::McubootProfile::Make(profiles.judging));
  image::mcuboot::Rules rules = RulesOfFile(made->rules());
  if (options.device_counter) {
    rules.minimum_security_counter = *options.device_counter;
  }
  ASSIGN_OR_RETURN(ExplainReport report,
                   Judge(context, options, rules, loaded, profiles));
  report.key = key;
  PrintResult(context.format() == Format::kJson ? FormatJson(report)
                                                : FormatText(report));
  return report.bootable() ? ExitStatus::kDone : ExitStatus::kRefused;
}

}  // namespace

Action DeclareExplain(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option(
         "image", options->image,
         "MCUboot image, .bin or .hex; an STM32MP's package or first stage")
      ->required()
      ->check(NotEmpty());
  app.add_option("--target", options->target, "ask the server")
      ->check(PlainText());
  app.add_option("--profile", options->profiles,
                 "work offline with a file of `targets export`; further ones "
                 "name targets whose key it may be")
      ->allow_extra_args(false)
      ->check(NotEmpty());
  app.add_option("--primary", options->primary,
                 "what lies in the primary slot: its trailer and version")
      ->check(NotEmpty());
  app.add_option("--other", options->others,
                 "version of another image of the device: IMAGE=VERSION")
      ->allow_extra_args(false)
      ->check(PlainText());
  app.add_option("--device-security-counter", options->device_counter,
                 "the device's own security counter")
      ->transform(WholeNumber32());
  return [options](Context& context) { return Explain(context, *options); };
}

}  // namespace bootseal::cli

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/imgtool_checks.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using mcuboot::Presence;

Complaint BootRecord(const TargetCase& on) {
  const std::string& expected = on.format.software_type();
  const std::string found = Printable(on.options.software_type);
  if (on.rules.boot_record == Presence::kForbidden || expected.empty()) {
    return Differs("takes no", "--boot-record", found);
  }
  if (on.options.software_type == expected) return {};
  const bool required = on.rules.boot_record == Presence::kRequired;
  return Differs(required ? "requires --boot-record" : "has --boot-record",
                 Printable(expected), found);
}

Complaint SecurityCounter(const TargetCase& on) {
  const std::uint32_t found = on.options.security_counter.value_or(0);
  if (on.rules.security_counter == Presence::kForbidden) {
    return Differs("takes no", "--security-counter", absl::StrCat(found));
  }
  const std::uint32_t most = on.rules.security_counter_ceiling;
  if (most == 0 || found <= most) return {};
  return Differs("takes --security-counter up to", absl::StrCat(most),
                 absl::StrCat(found));
}

std::string Text(const mcuboot::Dependency& dependency) {
  return absl::StrCat("(", dependency.image_id, ",",
                      image::host::FormatVersion(dependency.minimum), ")");
}

std::vector<std::string> DependenciesOf(const v1::McubootFormat& format) {
  std::vector<std::string> texts;
  if (format.dependency() == v1::FORBIDDEN) return texts;
  for (const v1::Dependency& each : format.dependencies()) {
    const auto minimum = image::host::ParseVersion(each.minimum_version());
    texts.push_back(Text({static_cast<std::uint8_t>(each.image_id()),
                          minimum.ok() ? *minimum : mcuboot::Version{}}));
  }
  return texts;
}

Complaint Dependencies(const TargetCase& on) {
  const std::string expected = absl::StrJoin(DependenciesOf(on.format), ",");
  std::vector<std::string> texts;
  for (const mcuboot::Dependency& each : on.options.dependencies) {
    texts.push_back(Text(each));
  }
  const std::string found = absl::StrJoin(texts, ",");
  if (found == expected) return {};
  if (expected.empty()) return Differs("takes no", "--dependencies", found);
  return Differs("has --dependencies", expected, found);
}

absl::string_view NameOf(mcuboot::KeyFormat format) {
  return format == mcuboot::KeyFormat::kFull ? "full" : "hash";
}

Complaint KeyFormat(const TargetCase& on) {
  if (on.options.key_format == on.rules.key_format) return {};
  return Differs("has --public-key-format", NameOf(on.rules.key_format),
                 NameOf(on.options.key_format));
}

Complaint Hash(const TargetCase& on) {
  const image::HashAlgorithm found = on.options.hash.value_or(on.rules.hash);
  if (found == on.rules.hash) return {};
  return Differs("has --sha", absl::StrCat(image::HashSize(on.rules.hash) * 8),
                 absl::StrCat(image::HashSize(found) * 8));
}

absl::string_view NameOf(imgtool::Compression compression) {
  switch (compression) {
    case imgtool::Compression::kNone:
      break;
    case imgtool::Compression::kLzma2:
      return "lzma2";
    case imgtool::Compression::kLzma2ArmThumb:
      return "lzma2armthumb";
  }
  return "disabled";
}

// A target that takes compressed payloads takes plain ones, too.
Complaint Compression(const TargetCase& on) {
  const imgtool::Compression found = on.options.compression;
  const imgtool::Compression expected = on.rules.compression;
  if (found == imgtool::Compression::kNone || found == expected) return {};
  if (expected == imgtool::Compression::kNone) {
    return Differs("takes no", "--compression", NameOf(found));
  }
  return Differs("has --compression", NameOf(expected), NameOf(found));
}

Complaint Pure(const TargetCase& on) {
  if (on.rules.pure) return {};
  return "has no --pure, the command line says --pure: its key signs the "
         "image's hash";
}

constexpr std::array<TargetCheck, 7> kChecks{{
    {"--boot-record", BootRecord},
    {"--security-counter", SecurityCounter},
    {"--dependencies", Dependencies},
    {"--public-key-format", KeyFormat},
    {"--sha", Hash},
    {"--compression", Compression},
    {"--pure", Pure},
}};

}  // namespace

std::span<const TargetCheck> ContentChecks() { return kChecks; }

}  // namespace bootseal::cli

#include "client/imgtool/grammar.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"
#include "client/imgtool/message.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/uuid.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::imgtool {
namespace {

using cli::Printable;
using image::mcuboot::Dependency;

std::string DependenciesText(absl::string_view text, absl::string_view what) {
  return absl::StrCat("--dependencies \"", Printable(text), "\": ", what,
                      ", expected (image,version),(image,version)..., for "
                      "example (1,1.2.3+0)");
}

absl::Status BadDependencies(absl::string_view text, absl::string_view what) {
  return base::Invalid("DEPENDENCIES_INVALID", "--dependencies",
                       DependenciesText(text, what));
}

absl::Status UnfitDependencies(absl::string_view text, absl::string_view what) {
  return Unfit("DEPENDENCIES_INVALID", "--dependencies",
               DependenciesText(text, what));
}

// "1,1.2.3" of "(1,1.2.3)".
absl::StatusOr<Dependency> ParseDependency(absl::string_view text,
                                           absl::string_view inner) {
  const std::size_t comma = inner.find(',');
  if (comma == absl::string_view::npos) {
    return BadDependencies(text, "no comma between image and version");
  }
  const auto number =
      cli::ParseNumber(absl::StripAsciiWhitespace(inner.substr(0, comma)));
  constexpr absl::string_view kImage = "an image is a number from 0 to 255";
  if (!number) return BadDependencies(text, kImage);
  if (*number > std::numeric_limits<std::uint8_t>::max()) {
    return UnfitDependencies(text, kImage);
  }
  const auto version = image::host::ParseVersion(
      absl::StripAsciiWhitespace(inner.substr(comma + 1)));
  if (!version.ok()) {
    return base::ReasonOf(version.status()) == "VERSION_RANGE"
               ? UnfitDependencies(text, version.status().message())
               : BadDependencies(text, version.status().message());
  }
  return Dependency{static_cast<std::uint8_t>(*number), *version};
}

bool AreHexDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

bool IsName(absl::string_view text) {
  return !text.empty() && Printable(text) == text;
}

}  // namespace

absl::StatusOr<std::uint32_t> ParseSecurityCounter(
    absl::string_view text, const image::mcuboot::Version& version) {
  if (absl::EqualsIgnoreCase(text, "auto")) {
    return std::uint32_t{version.major} << 24 |
           std::uint32_t{version.minor} << 16 | version.revision;
  }
  const auto number = cli::ParseNumber(text);
  if (number && *number <= std::numeric_limits<std::uint32_t>::max()) {
    return static_cast<std::uint32_t>(*number);
  }
  const std::string what =
      absl::StrCat("--security-counter \"", Printable(text),
                   "\" is neither auto nor a number from 0 to 4294967295: "
                   "decimal without leading zeros, 0x, 0o or 0b");
  constexpr absl::string_view kReason = "SECURITY_COUNTER_INVALID";
  absl::string_view negative = text;
  const bool is_number = number || (absl::ConsumePrefix(&negative, "-") &&
                                    cli::ParseNumber(negative));
  return is_number ? Unfit(kReason, "--security-counter", what)
                   : base::Invalid(kReason, "--security-counter", what);
}

absl::StatusOr<std::vector<Dependency>> ParseDependencies(
    absl::string_view text) {
  std::vector<Dependency> dependencies;
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  while (!rest.empty()) {
    if (!dependencies.empty() && absl::ConsumePrefix(&rest, ",")) {
      rest = absl::StripLeadingAsciiWhitespace(rest);
    }
    const std::size_t end = rest.find(')');
    if (!absl::StartsWith(rest, "(") || end == absl::string_view::npos) {
      return BadDependencies(text, absl::StrCat("\"", Printable(rest),
                                                "\" is no (image,version)"));
    }
    ASSIGN_OR_RETURN(const Dependency dependency,
                     ParseDependency(text, rest.substr(1, end - 1)));
    dependencies.push_back(dependency);
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(end + 1));
  }
  if (dependencies.empty()) return BadDependencies(text, "nothing is there");
  return dependencies;
}

absl::StatusOr<std::uint16_t> ParseTlvType(absl::string_view text) {
  const auto number = cli::ParseNumber(text);
  if (number && *number >= image::mcuboot::tlv::kVendorFirst &&
      *number <= image::mcuboot::tlv::kVendorLast) {
    return static_cast<std::uint16_t>(*number);
  }
  const std::string what =
      absl::StrCat("custom TLV \"", Printable(text),
                   "\" is no number from 0xa0 to 0xfffe; others are MCUboot's "
                   "own");
  return number ? base::Invalid("CUSTOM_TLV_TYPE", "--custom-tlv", what)
                : Unfit("CUSTOM_TLV_TYPE", "--custom-tlv", what);
}

absl::StatusOr<std::string> ParseTlvValue(absl::string_view text) {
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, "0x")) return std::string(text);
  if (AreHexDigits(digits) && digits.size() % 2 == 0) {
    return absl::HexStringToBytes(digits);
  }
  const std::string what = absl::StrCat(
      "value \"", Printable(text),
      "\" of a custom TLV starts with 0x, but pairs of hexadecimal "
      "digits do not follow");
  return digits.size() % 2 != 0
             ? base::Invalid("CUSTOM_TLV_VALUE", "--custom-tlv", what)
             : Unfit("CUSTOM_TLV_VALUE", "--custom-tlv", what);
}

absl::StatusOr<std::string> ParseVendorUuid(absl::string_view text) {
  if (IsName(text)) return image::host::VendorUuid(text);
  return Unfit("VID_INVALID", "--vid",
               absl::StrCat("--vid \"", Printable(text),
                            "\" is neither a UUID nor a printable name"));
}

absl::StatusOr<std::string> ParseClassUuid(absl::string_view text,
                                           absl::string_view vendor) {
  if (!IsName(text)) {
    return Unfit("CID_INVALID", "--cid",
                 absl::StrCat("--cid \"", Printable(text),
                              "\" is neither a UUID nor a printable name"));
  }
  if (auto uuid = image::host::ClassUuid(text, vendor)) return *std::move(uuid);
  return Unfit(
      "CID_INVALID", "--cid",
      absl::StrCat("--cid \"", Printable(text),
                   "\" is a name, which counts within a vendor: give --vid, or "
                   "a UUID"));
}

}  // namespace bootseal::imgtool

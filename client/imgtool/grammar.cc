#include "client/imgtool/grammar.h"

#include <openssl/sha.h>

#include <array>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::imgtool {
namespace {

using cli::Printable;
using image::mcuboot::Dependency;

constexpr std::size_t kUuidBytes = 16;

absl::Status BadDependencies(absl::string_view text, absl::string_view what) {
  return base::Invalid(
      "DEPENDENCIES_INVALID", "--dependencies",
      absl::StrCat("--dependencies \"", Printable(text), "\": ", what,
                   ", expected (image,version),(image,version)..., for example "
                   "(1,1.2.3+0)"));
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
  if (!number || *number > std::numeric_limits<std::uint8_t>::max()) {
    return BadDependencies(text, "an image is a number from 0 to 255");
  }
  const auto version = image::host::ParseVersion(
      absl::StripAsciiWhitespace(inner.substr(comma + 1)));
  if (!version.ok()) return BadDependencies(text, version.status().message());
  return Dependency{static_cast<std::uint8_t>(*number), *version};
}

bool AreHexDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// The digits of a UUID as people write it; nullopt for other text.
std::optional<std::string> ParseUuid(absl::string_view text) {
  constexpr absl::string_view kForm = "00000000-0000-0000-0000-000000000000";
  std::string digits(text);
  if (text.size() == kForm.size()) {
    digits.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((text[i] == '-') != (kForm[i] == '-')) return std::nullopt;
      if (text[i] != '-') digits += text[i];
    }
  }
  if (digits.size() != 2 * kUuidBytes || !AreHexDigits(digits)) {
    return std::nullopt;
  }
  return absl::HexStringToBytes(digits);
}

// Source: RFC 4122 section 4.3.
std::string NamedUuid(absl::string_view space, absl::string_view name) {
  const std::string text = absl::StrCat(space, name);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest.data());
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  return std::string(digest.begin(), digest.begin() + kUuidBytes);
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
  return base::Invalid(
      "SECURITY_COUNTER_INVALID", "--security-counter",
      absl::StrCat("--security-counter \"", Printable(text),
                   "\" is neither auto nor a number from 0 to 4294967295: "
                   "decimal without leading zeros, 0x, 0o or 0b"));
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
  return base::Invalid("CUSTOM_TLV_TYPE", "--custom-tlv",
                       absl::StrCat("custom TLV \"", Printable(text),
                                    "\" is no number from 0xa0 to 0xfffe; "
                                    "others are MCUboot's own"));
}

absl::StatusOr<std::string> ParseTlvValue(absl::string_view text) {
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, "0x")) return std::string(text);
  if (AreHexDigits(digits) && digits.size() % 2 == 0) {
    return absl::HexStringToBytes(digits);
  }
  return base::Invalid("CUSTOM_TLV_VALUE", "--custom-tlv",
                       absl::StrCat("value \"", Printable(text),
                                    "\" of a custom TLV starts with 0x, but "
                                    "pairs of hexadecimal digits do not "
                                    "follow"));
}

absl::StatusOr<std::string> ParseVendorUuid(absl::string_view text) {
  if (const auto uuid = ParseUuid(text)) return *uuid;
  // RFC 4122 appendix C.
  static const std::string kDns =
      absl::HexStringToBytes("6ba7b8109dad11d180b400c04fd430c8");
  if (IsName(text)) return NamedUuid(kDns, text);
  return base::Invalid(
      "VID_INVALID", "--vid",
      absl::StrCat("--vid \"", Printable(text),
                   "\" is neither a UUID nor a printable name"));
}

absl::StatusOr<std::string> ParseClassUuid(absl::string_view text,
                                           absl::string_view vendor) {
  if (const auto uuid = ParseUuid(text)) return *uuid;
  if (!IsName(text)) {
    return base::Invalid(
        "CID_INVALID", "--cid",
        absl::StrCat("--cid \"", Printable(text),
                     "\" is neither a UUID nor a printable name"));
  }
  if (!vendor.empty()) return NamedUuid(vendor, text);
  return base::Invalid(
      "CID_INVALID", "--cid",
      absl::StrCat("--cid \"", Printable(text),
                   "\" is a name, which counts within a vendor: give --vid, or "
                   "a UUID"));
}

}  // namespace bootseal::imgtool

#include "firmware/image/host/uuid.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image::host {
namespace {

using mcuboot::kUuidBytes;

constexpr absl::string_view kForm = "00000000-0000-0000-0000-000000000000";

bool IsHexDigit(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c));
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

}  // namespace

std::optional<std::string> ParseUuid(absl::string_view text) {
  std::string digits(text);
  if (text.size() == kForm.size()) {
    digits.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((text[i] == '-') != (kForm[i] == '-')) return std::nullopt;
      if (text[i] != '-') digits += text[i];
    }
  }
  if (digits.size() != 2 * kUuidBytes ||
      !std::all_of(digits.begin(), digits.end(), IsHexDigit)) {
    return std::nullopt;
  }
  return absl::HexStringToBytes(digits);
}

std::string VendorUuid(absl::string_view text) {
  if (const auto uuid = ParseUuid(text)) return *uuid;
  // RFC 4122 appendix C.
  static const std::string kDns =
      absl::HexStringToBytes("6ba7b8109dad11d180b400c04fd430c8");
  return NamedUuid(kDns, text);
}

std::optional<std::string> ClassUuid(absl::string_view text,
                                     absl::string_view vendor) {
  if (const auto uuid = ParseUuid(text)) return *uuid;
  if (vendor.empty()) return std::nullopt;
  return NamedUuid(vendor, text);
}

std::string FormatUuid(absl::string_view uuid) {
  std::string text = absl::BytesToHexString(uuid);
  if (uuid.size() != kUuidBytes) return text;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '-') text.insert(i, 1, '-');
  }
  return text;
}

}  // namespace bootseal::image::host

#include "client/capsule/firmware_version.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"

namespace bootseal::capsule {
namespace {

std::string TextOf(std::uint32_t number) {
  return absl::StrCat(number >> 24, ".", number >> 16 & 0xff, ".",
                      number & 0xffff);
}

bool IsNumber(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

absl::Status Invalid(absl::string_view text) {
  return cli::UsageError(
      "VERSION_INVALID",
      absl::StrCat("version \"", cli::Printable(text),
                   "\" is none of a firmware, expected a number of 32 bits, or "
                   "major.minor.revision without a build"));
}

}  // namespace

absl::StatusOr<FirmwareVersion> ParseFirmwareVersion(absl::string_view text) {
  if (IsNumber(text)) {
    const std::optional<std::uint64_t> number = cli::ParseNumber(text);
    if (!number || *number > std::numeric_limits<std::uint32_t>::max()) {
      return Invalid(text);
    }
    const auto narrow = static_cast<std::uint32_t>(*number);
    return FirmwareVersion{narrow, TextOf(narrow)};
  }
  const auto version = image::host::ParseVersion(text);
  if (!version.ok() || version->build != 0) return Invalid(text);
  const std::uint32_t number = std::uint32_t{version->major} << 24 |
                               std::uint32_t{version->minor} << 16 |
                               version->revision;
  return FirmwareVersion{number, TextOf(number)};
}

std::string FirmwareVersionWords(std::uint32_t number) {
  return absl::StrCat(number, " (", TextOf(number), ")");
}

}  // namespace bootseal::capsule

#include "firmware/image/host/convert.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace bootseal::image::host {
namespace {

// "BOOT_RECORD_MISSING" for "kBootRecordMissing".
std::string UpperSnake(absl::string_view name) {
  std::string snake;
  for (const char c : name.substr(1)) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !snake.empty()) snake += '_';
    snake += upper || c < 'a' || c > 'z' ? c : static_cast<char>(c - 'a' + 'A');
  }
  return snake;
}

absl::Status BadVersion(absl::string_view text, absl::string_view why) {
  return base::Invalid(
      "VERSION_FORMAT", "version",
      absl::StrCat("version \"", text, "\" ", why,
                   "; expected MAJOR[.MINOR[.REVISION[+BUILD]]]"));
}

struct Component {
  absl::string_view name;
  std::uint32_t max;
};

constexpr std::array<Component, 4> kComponents{{
    {"major", 0xff},
    {"minor", 0xff},
    {"revision", 0xffff},
    {"build", 0xffffffff},
}};

bool IsDecimal(absl::string_view digits) {
  if (digits.empty()) return false;
  if (digits.size() > 1 && digits[0] == '0') return false;
  return digits.find_first_not_of("0123456789") == absl::string_view::npos;
}

absl::StatusOr<std::uint32_t> ParseComponent(absl::string_view text,
                                             absl::string_view digits,
                                             const Component& component) {
  if (!IsDecimal(digits)) {
    return BadVersion(text,
                      absl::StrCat("has \"", digits, "\" as ", component.name,
                                   ", not a number without leading "
                                   "zeros"));
  }
  std::uint32_t value = 0;
  if (!absl::SimpleAtoi(digits, &value) || value > component.max) {
    return base::Invalid(
        "VERSION_RANGE", "version",
        absl::StrCat(component.name, " ", digits, " of version \"", text,
                     "\" does not fit its field; expected at most ",
                     component.max));
  }
  return value;
}

}  // namespace

absl::Status ToStatus(Error error) {
  if (error == Error::kOk) return absl::OkStatus();
  return base::Precondition(NameOf(error), Text(error));
}

std::string NameOf(Error error) {
  switch (error) {
#define BOOTSEAL_IMAGE_NAME(name, index, text) \
  case Error::name:                            \
    return UpperSnake(#name);
    BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_IMAGE_NAME)
    BOOTSEAL_RECEIPT_ERRORS(BOOTSEAL_IMAGE_NAME)
    BOOTSEAL_TRANSPARENCY_ERRORS(BOOTSEAL_IMAGE_NAME)
    BOOTSEAL_UPDATE_ERRORS(BOOTSEAL_IMAGE_NAME)
    BOOTSEAL_PACKAGE_ERRORS(BOOTSEAL_IMAGE_NAME)
#undef BOOTSEAL_IMAGE_NAME
  }
  return "UNKNOWN";
}

absl::StatusOr<mcuboot::Version> ParseVersion(absl::string_view text) {
  const std::vector<absl::string_view> halves =
      absl::StrSplit(text, absl::MaxSplits('+', 1));
  std::vector<absl::string_view> parts = absl::StrSplit(halves[0], '.');
  if (parts.size() > 3) return BadVersion(text, "has more than three numbers");
  if (halves.size() == 2) {
    if (parts.size() != 3) {
      return BadVersion(text, "has a build number, but no revision");
    }
    parts.push_back(halves[1]);
  }
  std::array<std::uint32_t, 4> values{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ASSIGN_OR_RETURN(values[i], ParseComponent(text, parts[i], kComponents[i]));
  }
  return mcuboot::Version{.major = static_cast<std::uint8_t>(values[0]),
                          .minor = static_cast<std::uint8_t>(values[1]),
                          .revision = static_cast<std::uint16_t>(values[2]),
                          .build = values[3]};
}

std::string FormatVersion(const mcuboot::Version& version) {
  std::string text =
      absl::StrCat(version.major, ".", version.minor, ".", version.revision);
  if (version.build != 0) absl::StrAppend(&text, "+", version.build);
  return text;
}

}  // namespace bootseal::image::host

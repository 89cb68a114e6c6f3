#include "client/cli/arguments.h"

#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

std::string JudgeLength(std::string& text) {
  return text.empty() ? "\"\" is empty; give a value or leave it out" : "";
}

// What is wrong; empty when nothing is. The text itself is not repeated raw.
std::string JudgeText(std::string& text) {
  if (text.empty()) return JudgeLength(text);
  const std::string printable = Printable(text);
  if (printable == text) return {};
  return absl::StrCat("\"", printable,
                      "\" has control characters or is not UTF-8");
}

std::string JudgeRequestId(std::string& id) {
  if (id.empty() || id.size() > kMaxRequestIdBytes) {
    return absl::StrCat("request id of ", id.size(), " bytes, expected 1 to ",
                        kMaxRequestIdBytes);
  }
  return JudgeText(id);
}

std::string JudgeSeconds(std::string& text) {
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds) && seconds > 0) return {};
  return absl::StrCat("\"", Printable(text),
                      "\" is not a number of seconds above 0");
}

struct Base {
  absl::string_view prefix;
  int base;
};

constexpr std::array<Base, 3> kBases{{{"0x", 16}, {"0o", 8}, {"0b", 2}}};

std::optional<std::uint64_t> ParseDigits(absl::string_view digits, int base) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> ParseNumber(absl::string_view text) {
  for (const Base& base : kBases) {
    if (!absl::StartsWithIgnoreCase(text, base.prefix)) continue;
    return ParseDigits(text.substr(base.prefix.size()), base.base);
  }
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return ParseDigits(text, 10);
}

// CLI11 reads a leading zero as octal and nothing as 0; it is left only what
// cannot be misread.
CLI::Validator WholeNumber(std::uint64_t least, std::uint64_t most) {
  const auto judge = [least, most](std::string& text) -> std::string {
    const std::optional<std::uint64_t> number = ParseNumber(text);
    if (!number || *number < least || *number > most) {
      return absl::StrCat("\"", Printable(text),
                          "\" is not a whole number from ", least, " to ", most,
                          ": decimal without leading zeros, 0x, 0o or 0b");
    }
    text = absl::StrCat(*number);
    return {};
  };
  return {judge, "", "whole number"};
}

CLI::Validator WholeNumber32() {
  return WholeNumber(0, std::numeric_limits<std::uint32_t>::max());
}

CLI::Validator NotEmpty() { return {JudgeLength, "", "not empty"}; }
CLI::Validator PlainText() { return {JudgeText, "", "plain text"}; }
CLI::Validator RequestId() { return {JudgeRequestId, "", "request id"}; }
CLI::Validator PositiveSeconds() { return {JudgeSeconds, "", "seconds"}; }

}  // namespace bootseal::cli

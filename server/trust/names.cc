#include "server/trust/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace bootseal::trust {
namespace {

constexpr std::size_t kSha256HexDigits = 64;

bool IsNameCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_isalnum(byte) ||
         absl::string_view("._/@+-").find(c) != absl::string_view::npos;
}

bool IsHexDigit(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c));
}

}  // namespace

void CheckName(const std::string& name, const Field& field) {
  if (name.empty()) return field.Report("required");
  if (name.size() > kMaxNameBytes) {
    field.Report(absl::StrCat("has ", name.size(), " bytes, expected at most ",
                              kMaxNameBytes));
  }
  if (!std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    field.Report(absl::StrCat("\"", name,
                              "\" has other characters than letters, digits "
                              "and . _ / @ + -"));
  }
}

void CheckSha256Hex(const std::string& text, const Field& field) {
  if (text.size() == kSha256HexDigits &&
      std::all_of(text.begin(), text.end(), IsHexDigit)) {
    return;
  }
  field.Report(absl::StrCat("\"", text, "\" is no SHA-256, expected ",
                            kSha256HexDigits, " hexadecimal digits"));
}

void CheckKnown(absl::string_view kind, const std::string& name,
                const Names& known, const Field& field) {
  if (known.count(name) != 0) return;
  field.Report(absl::StrCat(
      "no ", kind, " named \"", name, "\"; known: ",
      known.empty() ? std::string("none") : absl::StrJoin(known, ", ")));
}

}  // namespace bootseal::trust

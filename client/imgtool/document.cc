#include "client/imgtool/document.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/json.h"

namespace bootseal::imgtool {
namespace {

constexpr std::size_t kBase64Line = 76;

// Words that YAML 1.1 takes for a truth or for nothing, in any case.
bool IsReserved(absl::string_view text) {
  constexpr std::array<absl::string_view, 9> kWords{
      "y", "n", "yes", "no", "true", "false", "on", "off", "null"};
  return std::any_of(kWords.begin(), kWords.end(), [&](absl::string_view word) {
    return absl::EqualsIgnoreCase(text, word);
  });
}

// Text that needs no quotes: no sign of YAML's in it, and no number.
bool IsPlain(absl::string_view text) {
  const bool harmless = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
           c == '_' || c == '-' || c == '+';
  });
  if (text.empty() || !harmless) return false;
  const auto first = static_cast<unsigned char>(text.front());
  if (absl::ascii_isalpha(first)) return !IsReserved(text);
  // A version: no number has two points.
  return absl::ascii_isdigit(first) &&
         std::count(text.begin(), text.end(), '.') > 1;
}

std::string YamlText(const std::string& text) {
  if (IsPlain(text)) return text;
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (!printable) return cli::Json::Text(text).text();
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::string YamlData(const std::string& bytes, const std::string& margin) {
  if (bytes.empty()) return "!!binary \"\"\n";
  std::string text = "!!binary |\n";
  const std::string encoded = absl::Base64Escape(bytes);
  for (std::size_t i = 0; i < encoded.size(); i += kBase64Line) {
    absl::StrAppend(&text, margin, "  ", encoded.substr(i, kBase64Line), "\n");
  }
  return text;
}

}  // namespace

std::string Document::Json() const { return JsonAt("") + "\n"; }

std::string Document::JsonAt(const std::string& margin) const {
  if (const auto* number = std::get_if<std::uint64_t>(&value_)) {
    return absl::StrCat(*number);
  }
  if (const auto* text = std::get_if<std::string>(&value_)) {
    return cli::Json::Text(*text).text();
  }
  if (const auto* data = std::get_if<Data>(&value_)) {
    return absl::StrCat("\"", absl::BytesToHexString(data->bytes), "\"");
  }
  const std::string inner = margin + "  ";
  std::vector<std::string> lines;
  if (const auto* members = std::get_if<Map>(&value_)) {
    for (const auto& [name, member] : *members) {
      lines.push_back(absl::StrCat(inner, cli::Json::Text(name).text(), ": ",
                                   member.JsonAt(inner)));
    }
    if (lines.empty()) return "{}";
    return absl::StrCat("{\n", absl::StrJoin(lines, ",\n"), "\n", margin, "}");
  }
  for (const Document& element : std::get<List>(value_)) {
    lines.push_back(absl::StrCat(inner, element.JsonAt(inner)));
  }
  if (lines.empty()) return "[]";
  return absl::StrCat("[\n", absl::StrJoin(lines, ",\n"), "\n", margin, "]");
}

std::string Document::Yaml() const { return YamlMap(""); }

std::string Document::YamlMap(const std::string& margin) const {
  std::string text;
  for (const auto& [name, member] : std::get<Map>(value_)) {
    absl::StrAppend(&text, margin, name, ":", member.YamlAfterName(margin));
  }
  return text;
}

// An element's first member stands behind its dash.
std::string Document::YamlList(const std::string& margin) const {
  std::string text;
  for (const Document& element : std::get<List>(value_)) {
    std::string members = element.YamlMap(margin + "  ");
    members[margin.size()] = '-';
    absl::StrAppend(&text, members);
  }
  return text;
}

std::string Document::YamlAfterName(const std::string& margin) const {
  if (const auto* number = std::get_if<std::uint64_t>(&value_)) {
    return absl::StrCat(" ", *number, "\n");
  }
  if (const auto* text = std::get_if<std::string>(&value_)) {
    return absl::StrCat(" ", YamlText(*text), "\n");
  }
  if (const auto* data = std::get_if<Data>(&value_)) {
    return absl::StrCat(" ", YamlData(data->bytes, margin));
  }
  if (const auto* members = std::get_if<Map>(&value_)) {
    if (members->empty()) return " {}\n";
    return absl::StrCat("\n", YamlMap(margin + "  "));
  }
  if (std::get<List>(value_).empty()) return " []\n";
  return absl::StrCat("\n", YamlList(margin));
}

}  // namespace bootseal::imgtool

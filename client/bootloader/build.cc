#include "client/bootloader/build.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bootseal::bootloader {
namespace {

// Calls `take` with each line, without blanks around it, and its place.
template <typename Take>
void ForEachLine(absl::string_view text, const std::string& path, Take take) {
  std::size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    take(absl::StripAsciiWhitespace(line), absl::StrCat(path, ":", ++number));
  }
}

std::string Unquoted(absl::string_view text) {
  const bool is_quoted =
      text.size() > 1 && text.front() == '"' && text.back() == '"';
  return std::string(is_quoted ? text.substr(1, text.size() - 2) : text);
}

// Of one line of a header; nullopt for one that says nothing.
struct Definition {
  std::string name;
  std::string value;
};
std::optional<Definition> DefinitionIn(absl::string_view line) {
  const std::vector<std::string> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() >= 2 && words[0] == "#define") {
    return Definition{words[1], words.size() > 2 ? words[2] : "1"};
  }
  if (words.size() >= 3 && words[0] == "/*" && words[1] == "#undef") {
    return Definition{words[2], "0"};
  }
  return std::nullopt;
}

}  // namespace

Facts ReadCMakeCache(absl::string_view text, const std::string& path) {
  Facts facts;
  ForEachLine(text, path, [&](absl::string_view line, const std::string& at) {
    if (absl::StartsWith(line, "#") || absl::StartsWith(line, "//")) return;
    const std::size_t colon = line.find(':');
    const std::size_t equals = line.find('=', colon);
    if (equals == absl::string_view::npos) return;
    facts[Unquoted(line.substr(0, colon))] = {
        std::string(line.substr(equals + 1)), at};
  });
  return facts;
}

Facts ReadHeader(absl::string_view text, const std::string& path) {
  Facts facts;
  std::vector<bool> conditions;  // whether each open one chooses
  ForEachLine(text, path, [&](absl::string_view line, const std::string& at) {
    if (absl::StartsWith(line, "#if")) {
      conditions.push_back(!absl::StartsWith(line, "#ifndef"));
    }
    if (absl::StartsWith(line, "#endif") && !conditions.empty()) {
      conditions.pop_back();
    }
    const bool is_chosen = std::find(conditions.begin(), conditions.end(),
                                     true) != conditions.end();
    const auto definition = DefinitionIn(line);
    if (!definition || is_chosen) return;
    facts[definition->name] = {definition->value, at};
  });
  return facts;
}

Facts ReadKconfig(absl::string_view text, const std::string& path) {
  constexpr absl::string_view kNotSet = " is not set";
  Facts facts;
  ForEachLine(text, path, [&](absl::string_view line, const std::string& at) {
    if (absl::ConsumePrefix(&line, "# CONFIG_")) {
      if (!absl::ConsumeSuffix(&line, kNotSet)) return;
      facts[absl::StrCat("CONFIG_", line)] = {"n", at};
      return;
    }
    const std::size_t equals = line.find('=');
    if (!absl::StartsWith(line, "CONFIG_") ||
        equals == absl::string_view::npos) {
      return;
    }
    facts[std::string(line.substr(0, equals))] = {
        Unquoted(line.substr(equals + 1)), at};
  });
  return facts;
}

bool IsOn(const std::string& value) {
  const std::string word = absl::AsciiStrToUpper(value);
  for (const absl::string_view on : {"ON", "TRUE", "YES", "Y"}) {
    if (word == on) return true;
  }
  std::int64_t number = 0;
  return absl::SimpleAtoi(word, &number) && number != 0;
}

}  // namespace bootseal::bootloader

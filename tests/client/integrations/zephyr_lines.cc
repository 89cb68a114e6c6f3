#include "tests/client/integrations/zephyr_lines.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bootseal::tests {
namespace {

constexpr char kPath[] =
    BOOTSEAL_SOURCE_DIR "/tests/client/integrations/zephyr_lines.txt";

struct OutcomeWord {
  const char* prefix;
  ZephyrOutcome outcome;
};
constexpr OutcomeWord kOutcomes[] = {{"makes ", ZephyrOutcome::kMakes},
                                     {"encrypts ", ZephyrOutcome::kEncrypts},
                                     {"refuses ", ZephyrOutcome::kRefuses}};

[[noreturn]] void Fail(const std::string& line) {
  std::fprintf(stderr, "%s has no line of the form: %s\n", kPath, line.c_str());
  std::abort();
}

ZephyrConfiguration ReadConfiguration(const std::string& line) {
  const std::vector<std::string> parts =
      absl::StrSplit(line.substr(1), absl::MaxSplits(']', 1));
  if (parts.size() != 2) Fail(line);
  return {parts[0], absl::StrSplit(parts[1], ' ', absl::SkipEmpty()), {}};
}

ZephyrLine ReadLine(const std::string& line) {
  const std::vector<std::string> parts =
      absl::StrSplit(line, absl::MaxSplits(" | ", 1));
  if (parts.size() != 2) Fail(line);
  for (const OutcomeWord& word : kOutcomes) {
    absl::string_view expected = parts[0];
    if (!absl::ConsumePrefix(&expected, word.prefix)) continue;
    return {word.outcome, std::string(expected), parts[1]};
  }
  Fail(line);
}

}  // namespace

std::string ZephyrLine::Output() const {
  return command.substr(command.rfind(' ') + 1);
}

std::vector<ZephyrConfiguration> ReadZephyrLines(
    const std::map<std::string, std::string>& values) {
  std::vector<std::pair<std::string, std::string>> replacements;
  for (const auto& [name, value] : values) {
    replacements.emplace_back("@" + name + "@", value);
  }
  std::vector<ZephyrConfiguration> configurations;
  std::ifstream in(kPath);
  for (std::string line; std::getline(in, line);) {
    line = absl::StrReplaceAll(line, replacements);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      configurations.push_back(ReadConfiguration(line));
    } else if (configurations.empty()) {
      Fail(line);
    } else {
      configurations.back().lines.push_back(ReadLine(line));
    }
  }
  return configurations;
}

}  // namespace bootseal::tests

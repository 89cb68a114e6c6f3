// deploy/threat_model.md names tests: each of them exists, and no incident and
// no boundary stands without one.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/hygiene/source_tree.h"

namespace bootseal::tests {
namespace {

using Names = std::set<std::string>;

std::vector<std::string> FirstGroups(const std::string& text,
                                     const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end;
       it != end; ++it) {
    found.push_back((*it)[1].str());
  }
  return found;
}

// TEST(Suite, Case) and its kin; a name may stand on the next line.
void AddCases(const SourceFile& file, Names& names) {
  static const std::regex kCase(
      "^TEST(?:_F|_P)?\\(\\s*(\\w+)\\s*,\\s*(\\w+)\\s*\\)");
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    if (!absl::StartsWith(file.lines[i], "TEST")) continue;
    std::string text = file.lines[i];
    if (i + 1 < file.lines.size()) absl::StrAppend(&text, file.lines[i + 1]);
    std::smatch match;
    if (!std::regex_search(text, match, kCase)) continue;
    names.insert(absl::StrCat(match[1].str(), ".", match[2].str()));
  }
}

// add_test(NAME Suite.Case and bootseal_fuzzer(NAME case; names that CMake
// makes of variables are left out.
void AddCommands(const SourceFile& file, Names& names) {
  static const std::regex kTest("add_test\\(NAME ([A-Za-z0-9_.]+)\\s*$");
  static const std::regex kFuzzer("bootseal_fuzzer\\(NAME (\\w+)");
  for (const std::string& line : file.lines) {
    for (const std::string& name : FirstGroups(line, kTest)) names.insert(name);
    for (const std::string& name : FirstGroups(line, kFuzzer)) {
      names.insert(absl::StrCat("Fuzz.", name));
    }
  }
}

Names RegisteredTests() {
  static const std::regex kPair("tests/hygiene/compile/(\\w+)\\.fail\\.cc");
  Names names;
  for (const SourceFile& file : AllFiles()) {
    if (!absl::StartsWith(file.path, "tests/")) continue;
    if (absl::EndsWith(file.path, ".cc")) AddCases(file, names);
    if (absl::EndsWith(file.path, "CMakeLists.txt")) AddCommands(file, names);
    for (const std::string& name : FirstGroups(file.path, kPair)) {
      names.insert(absl::StrCat("DoesNotCompile.", name));
    }
  }
  return names;
}

// `Suite.Case`: files and configuration begin with a small letter.
std::vector<std::string> NamedTests(const std::string& text) {
  static const std::regex kName("`([A-Z]\\w*\\.\\w+)`");
  return FirstGroups(text, kName);
}

std::vector<std::string> Unknown(const std::string& text, const Names& known) {
  std::vector<std::string> unknown;
  for (const std::string& name : NamedTests(text)) {
    if (!known.contains(name)) unknown.push_back(name);
  }
  return unknown;
}

std::string ThreatModel() {
  for (const SourceFile& file : AllFiles()) {
    if (file.path == "deploy/threat_model.md") {
      return absl::StrJoin(file.lines, "\n");
    }
  }
  return "";
}

// From the heading of that name to the next of its level.
std::string Section(const std::string& text, const std::string& heading) {
  const std::size_t at = text.find(heading + "\n");
  if (at == std::string::npos) return "";
  return text.substr(at, text.find("\n## ", at) - at);
}

// Of a table, without its heading.
std::vector<std::string> Rows(const std::string& section) {
  std::vector<std::string> rows;
  for (const auto& line : absl::StrSplit(section, '\n')) {
    if (absl::StartsWith(line, "| ")) rows.emplace_back(line);
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

// Why there is none counts, and must be said.
bool HasTestOrReason(const std::string& row) {
  static const std::regex kReason("\\bno test: \\w+");
  return !NamedTests(row).empty() || std::regex_search(row, kReason);
}

TEST(ThreatModel, NamesOnlyTestsThatExist) {
  const std::string text = ThreatModel();
  EXPECT_GT(NamedTests(text).size(), 100U);
  EXPECT_EQ(absl::StrJoin(Unknown(text, RegisteredTests()), "\n"), "");
}

TEST(ThreatModel, HasATestOrAReasonForEveryIncidentAndStandard) {
  const std::string text = ThreatModel();
  const std::vector<std::string> incidents =
      Rows(Section(text, "## Incidents"));
  const std::vector<std::string> standards =
      Rows(Section(text, "## Standards"));
  EXPECT_EQ(incidents.size(), 17U);
  EXPECT_GE(standards.size(), 10U);
  for (const std::string& row : incidents) {
    EXPECT_TRUE(HasTestOrReason(row)) << row;
    EXPECT_EQ(std::count(row.begin(), row.end(), '|'), 5) << row;
  }
  for (const std::string& row : standards) {
    EXPECT_TRUE(HasTestOrReason(row)) << row;
  }
}

TEST(ThreatModel, SaysOfEveryBoundaryWhatCanAndCannotBeDone) {
  const std::vector<std::string> parts =
      absl::StrSplit(Section(ThreatModel(), "## Trust boundaries"), "\n### ");
  ASSERT_EQ(parts.size(), 14U);  // 13, and what is before them
  for (std::size_t i = 1; i < parts.size(); ++i) {
    for (const char* word : {"- **Can**", "- **Cannot**", "- **Shown by**"}) {
      EXPECT_TRUE(absl::StrContains(parts[i], word)) << word << parts[i];
    }
    EXPECT_GE(NamedTests(parts[i]).size(), 3U) << parts[i];
  }
}

TEST(ThreatModel, IsHeldByTheNamesOfTestsAsTheyAreNow) {
  const Names known = RegisteredTests();
  EXPECT_TRUE(known.contains("ThreatModel.NamesOnlyTestsThatExist"));
  EXPECT_TRUE(known.contains("Fuzz.mcuboot"));
  EXPECT_TRUE(known.contains("DoesNotCompile.permit_forged"));
  EXPECT_TRUE(known.contains("Firmware.HoldsNoWriterHeapOrStdio"));
  EXPECT_EQ(Unknown("`No.SuchTest` and `config.proto`", known),
            std::vector<std::string>{"No.SuchTest"});
  EXPECT_FALSE(HasTestOrReason("| a case | an answer | no test: | all |"));
}

}  // namespace
}  // namespace bootseal::tests

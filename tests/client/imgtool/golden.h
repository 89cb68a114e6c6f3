// The notes beside golden files: imgtool's version, command line and results.
#ifndef BOOTSEAL_TESTS_CLIENT_IMGTOOL_GOLDEN_H_
#define BOOTSEAL_TESTS_CLIENT_IMGTOOL_GOLDEN_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {

// Of tests/vectors/imgtool.
inline std::string FolderOf(const std::string& name) {
  return absl::StrCat(kVectors, "imgtool/", name, "/");
}

// Lines of a word and what belongs to it.
inline std::map<std::string, std::string> Notes(const std::string& path) {
  std::map<std::string, std::string> notes;
  for (absl::string_view line : absl::StrSplit(Read(path), '\n')) {
    const std::pair<std::string, std::string> note =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    notes[note.first] = note.second;
  }
  return notes;
}

// Of a command line whose only quotes are single ones.
inline Words SplitCommand(absl::string_view command) {
  Words words;
  bool quoted = false;
  for (absl::string_view part : absl::StrSplit(command, '\'')) {
    if (quoted) {
      words.emplace_back(part);
    } else {
      for (absl::string_view word :
           absl::StrSplit(part, ' ', absl::SkipEmpty()))
        words.emplace_back(word);
    }
    quoted = !quoted;
  }
  return words;
}

// Of all notes in a folder of tests/vectors/imgtool, without ".txt".
inline std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& file :
       std::filesystem::directory_iterator(FolderOf(folder))) {
    if (file.path().extension() == ".txt") names.push_back(file.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string Sha256Hex(const std::string& bytes) {
  return absl::BytesToHexString(image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(bytes))
          .bytes()));
}

inline std::string NameOfTest(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_IMGTOOL_GOLDEN_H_

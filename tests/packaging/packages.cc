#include "tests/packaging/packages.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/process.h"

namespace bootseal::tests {

namespace fs = std::filesystem;

std::string Archive(const std::string& folder, const std::string& name) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string file = entry.path().filename();
    if (absl::StartsWith(file, absl::StrCat(name, "_"))) return entry.path();
  }
  ADD_FAILURE() << "no package " << name << " in " << folder;
  return "";
}

std::string Archive(const std::string& name) {
  return Archive(BOOTSEAL_PACKAGES, name);
}

std::string Field(const std::string& name, const std::string& field) {
  std::string text = Run({"dpkg-deb", "-f", Archive(name), field}).out;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> Contents(const std::string& name) {
  std::map<std::string, std::string> contents;
  const std::string list = Run({"dpkg-deb", "-c", Archive(name)}).out;
  for (const absl::string_view line :
       absl::StrSplit(list, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    std::string path = words.at(5).substr(1);
    if (path.size() > 1 && path.back() == '/') path.pop_back();
    contents[path] = absl::StrCat(words.at(0), " ", words.at(1));
  }
  return contents;
}

Unpacked::Unpacked(const std::string& name) {
  EXPECT_EQ(Run({"dpkg-deb", "-R", Archive(name), folder.path()}).exit_code, 0);
}

}  // namespace bootseal::tests

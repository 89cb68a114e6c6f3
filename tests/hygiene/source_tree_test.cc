// House rules that a reader would otherwise have to watch for.
#include "tests/hygiene/source_tree.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bootseal::tests {
namespace {

// "path:line" of every line that matches.
std::vector<std::string> Matches(const std::vector<SourceFile>& files,
                                 const std::regex& pattern) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (std::regex_search(file.lines[i], pattern)) {
        found.push_back(absl::StrCat(file.path, ":", i + 1));
      }
    }
  }
  return found;
}

std::vector<SourceFile> HostFiles() {
  std::vector<SourceFile> files = CodeFiles();
  std::erase_if(files, [](const SourceFile& file) {
    return absl::StartsWith(file.path, "firmware/") ||
           absl::StartsWith(file.path, "tests/");
  });
  return files;
}

TEST(SourceTree, HasNoFileAbove400Lines) {
  std::vector<std::string> large;
  for (const SourceFile& file : CodeFiles()) {
    if (file.lines.size() > 400) {
      large.push_back(absl::StrCat(file.path, ": ", file.lines.size()));
    }
  }
  EXPECT_EQ(absl::StrJoin(large, "\n"), "");
}

// Variation is by folder and at link time. What is left are include guards and
// the macros that a third-party header asks its includer to set.
TEST(SourceTree, HasNoFeatureConditionals) {
  std::vector<SourceFile> files = CodeFiles();
  // Configuration headers of mbedTLS and libsodium are theirs in form.
  std::erase_if(files, [](const SourceFile& file) {
    return absl::StartsWith(file.path, "firmware/crypto/config/");
  });
  const std::regex conditional(
      "^\\s*#\\s*(if |ifdef|elif|else)|^\\s*#\\s*ifndef "
      "(?!BOOTSEAL_[A-Z0-9_]+_H_$)");
  EXPECT_EQ(absl::StrJoin(Matches(files, conditional), "\n"), "");
}

TEST(SourceTree, HoldsNoPrivateKey) {
  // Written so that this file does not match itself.
  const std::regex private_key("-----BEGIN [A-Z ]*PRIVATE KEY[-]{5}");
  EXPECT_EQ(absl::StrJoin(Matches(AllFiles(), private_key), "\n"), "");
}

// Abseil's string_view is a type of its own here and does not convert.
TEST(SourceTree, HostCodeUsesOnlyAbseilsStringView) {
  const std::regex view("std::string_view");
  std::vector<std::string> found = Matches(HostFiles(), view);
  EXPECT_EQ(absl::StrJoin(found, "\n"), "");
}

TEST(SourceTree, SignsOffNoWorkAsUnfinished) {
  const std::regex marker(
      "\\b(TODO|FIXME|XXX)\\b"
      "(?!\\|)");
  std::vector<SourceFile> files = CodeFiles();
  std::erase_if(files, [](const SourceFile& file) {
    return file.path == "tests/hygiene/source_tree_test.cc";
  });
  EXPECT_EQ(absl::StrJoin(Matches(files, marker), "\n"), "");
}

}  // namespace
}  // namespace bootseal::tests

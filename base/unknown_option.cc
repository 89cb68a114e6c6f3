#include "base/unknown_option.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_word.h"

namespace bootseal::base {
namespace {

// Of a program and of its commands that were given.
void AddNames(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back(absl::StrCat("--", name));
    }
  }
  for (const CLI::App* command : app.get_subcommands()) {
    AddNames(*command, names);
  }
}

}  // namespace

std::string UnknownOption(const CLI::App& app,
                          const std::vector<std::string>& arguments) {
  const std::vector<std::string> unknown = app.remaining(true);
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  for (auto each = arguments.begin(); each != end; ++each) {
    const std::string& word = *each;
    if (!absl::StartsWith(word, "-") || word == "-") continue;
    if (std::find(unknown.begin(), unknown.end(), word) == unknown.end()) {
      continue;
    }
    std::vector<std::string> names;
    AddNames(app, names);
    const std::string name = word.substr(0, word.find('='));
    const std::string nearest = NearestWord(name, names);
    return absl::StrCat(
        "no option \"", name, "\"",
        nearest.empty() ? "" : absl::StrCat(", the nearest is ", nearest));
  }
  return "";
}

}  // namespace bootseal::base

#include "tests/client/integrations/bitbake_class.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

// As OpenEmbedded's logging.bbclass has them when nobody listens.
constexpr char kLogging[] =
    "bbfatal() {\n    echo \"ERROR: $*\"\n    exit 1\n}\n"
    "bbnote() {\n    echo \"NOTE: $*\"\n}\n";

// Names that BitBake expands; `${word%%=*}` is left to the shell.
const std::regex& Reference() {
  static const auto& pattern =
      *new std::regex("\\$\\{([a-zA-Z0-9_+./~:-]+)\\}");
  return pattern;
}

std::string Expand(const std::string& text, const Datastore& values) {
  std::string expanded;
  auto rest = text.cbegin();
  std::smatch match;
  while (std::regex_search(rest, text.cend(), match, Reference())) {
    expanded.append(rest, match[0].first);
    const auto found = values.find(match[1].str());
    absl::StrAppend(&expanded, found == values.end()
                                   ? match[0].str()
                                   : Expand(found->second, values));
    rest = match[0].second;
  }
  return expanded.append(rest, text.cend());
}

}  // namespace

BitbakeClass::BitbakeClass(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    std::fprintf(stderr, "there is no %s\n", path.c_str());
    std::abort();
  }
  static const std::regex assignment(
      "([A-Za-z_]\\w*) *(\\?{0,2}=) *\"([^\"]*)\"");
  static const std::regex function("([a-z_]+) ?\\(\\) *\\{");
  std::smatch match;
  std::string open;
  for (std::string line; std::getline(in, line);) {
    while (open.empty() && !line.empty() && line.back() == '\\') {
      line.pop_back();
      std::string next;
      if (!std::getline(in, next)) break;
      line += next;
    }
    if (!open.empty()) {
      if (line == "}") {
        open.clear();
      } else {
        absl::StrAppend(&functions_[open], line, "\n");
      }
    } else if (std::regex_match(line, match, assignment)) {
      assignments_.emplace(match[1], match[2]);
      defaults_.emplace(match[1], match[3]);
    } else if (std::regex_match(line, match, function)) {
      open = match[1];
    }
  }
  functions_.erase("python");
}

std::string BitbakeClass::RunScript(const Datastore& values,
                                    const std::string& command) const {
  Datastore all = values;
  all.insert(defaults_.begin(), defaults_.end());
  std::string script = absl::StrCat("#!/bin/sh\nset -e\n", kLogging);
  for (const auto& [name, body] : functions_) {
    absl::StrAppend(&script, name, "() {\n", Expand(body, all), "}\n");
  }
  return absl::StrCat(script, "do_task() {\n    ", Expand(command, all),
                      "\n}\ndo_task\n");
}

}  // namespace bootseal::tests

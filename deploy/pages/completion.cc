#include "deploy/pages/completion.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bootseal::pages {

std::string Identifier(const Program& program) {
  return absl::StrReplaceAll(program.name, {{"-", "_"}});
}

bool TakesFile(const Option& option) {
  return option.value == "TEXT" && option.choices.empty();
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

}  // namespace bootseal::pages

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "deploy/pages/completion.h"

namespace bootseal::pages {
namespace {

std::string FishQuoted(const std::string& text) {
  return absl::StrCat(
      "'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

std::string Condition(const Program& program, const Command& command) {
  return absl::StrCat("complete -c ", program.name, " -n ",
                      FishQuoted(absl::StrCat("__", Identifier(program), "_at ",
                                              command.path)));
}

std::string Names(const Option& option) {
  std::string names;
  for (const std::string& name : option.names) {
    absl::StrAppend(&names, name.size() > 2 ? " -l " : " -s ",
                    name.substr(name.size() > 2 ? 2 : 1));
  }
  return names;
}

std::string Value(const Option& option) {
  if (option.value.empty()) return "";
  if (!option.choices.empty()) {
    return absl::StrCat(" -x -a ",
                        FishQuoted(absl::StrJoin(option.choices, " ")));
  }
  return TakesFile(option) ? " -r -F" : " -x";
}

std::string Options(const std::string& condition, const Command& command) {
  std::string text;
  for (const Option& option : command.options) {
    absl::StrAppend(&text, condition, Names(option), Value(option), " -d ",
                    FishQuoted(option.description), "\n");
  }
  return text;
}

std::string Commands(const Program& program, const std::string& condition,
                     const Command& command) {
  std::string text;
  for (const std::string& child : command.children) {
    const std::string path = absl::StrCat(command.path, " ", child);
    for (const Command& each : program.commands) {
      if (each.path != path) continue;
      absl::StrAppend(&text, condition, " -f -a ", child, " -d ",
                      FishQuoted(each.description), "\n");
    }
  }
  return text;
}

std::string Rows(const Program& program) {
  std::string rows;
  for (const Command& command : program.commands) {
    const std::string condition = Condition(program, command);
    absl::StrAppend(&rows, Commands(program, condition, command),
                    Options(condition, command));
    if (command.takes_globals) {
      absl::StrAppend(&rows, Options(condition, program.commands.front()));
    }
  }
  return rows;
}

std::string Paths(const Program& program) {
  return absl::StrJoin(program.commands, " ",
                       [](std::string* out, const Command& command) {
                         out->append(FishQuoted(command.path));
                       });
}

// Names that take the next word, wherever they stand.
std::string Taking(const Program& program) {
  std::set<std::string> taking;
  for (const Command& command : program.commands) {
    for (const Option& option : command.options) {
      if (option.value.empty()) continue;
      taking.insert(option.names.begin(), option.names.end());
    }
  }
  for (const Option& option : program.commands.front().options) {
    if (!option.value.empty()) continue;
    for (const std::string& name : option.names) taking.erase(name);
  }
  return absl::StrJoin(taking, " ");
}

constexpr char kScript[] =
    R"(# fish completion for @NAME@, made from the definitions of its commands
function __@ID@_at
    set -l paths @PATHS@
    set -l taking @TAKING@
    set -l at @NAME@
    set -l skips no
    for word in (commandline -opc)[2..-1]
        if test $skips = yes
            set skips no
        else if contains -- $word $taking
            set skips yes
        else if contains -- "$at $word" $paths
            set at "$at $word"
        end
    end
    test "$at" = "$argv"
end

@ROWS@)";

}  // namespace

std::string FishCompletion(const Program& program) {
  return absl::StrReplaceAll(kScript, {{"@NAME@", program.name},
                                       {"@ID@", Identifier(program)},
                                       {"@PATHS@", Paths(program)},
                                       {"@TAKING@", Taking(program)},
                                       {"@ROWS@", Rows(program)}});
}

}  // namespace bootseal::pages

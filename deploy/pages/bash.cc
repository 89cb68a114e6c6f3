#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "deploy/pages/completion.h"

namespace bootseal::pages {
namespace {

// "--format=pem,der", "--output=@file", "--start=@" or "--json".
std::string Row(const std::string& name, const Option& option) {
  if (option.value.empty()) return name;
  if (!option.choices.empty()) {
    return absl::StrCat(name, "=", absl::StrJoin(option.choices, ","));
  }
  return absl::StrCat(name, TakesFile(option) ? "=@file" : "=@");
}

std::string Rows(const Command& command) {
  std::vector<std::string> rows;
  for (const Option& option : command.options) {
    for (const std::string& name : option.names) {
      rows.push_back(Row(name, option));
    }
  }
  return absl::StrJoin(rows, " ");
}

std::string Table(const Program& program) {
  std::string table;
  for (const Command& command : program.commands) {
    absl::StrAppend(&table, "    ", Quoted(command.path), ")\n      commands=",
                    Quoted(absl::StrJoin(command.children, " ")),
                    "\n      options=", Quoted(Rows(command)), "\n");
    if (command.takes_globals) absl::StrAppend(&table, "      globals=1\n");
    absl::StrAppend(&table, "      ;;\n");
  }
  return table;
}

// The word before "=" is the option; readline hands "=" over as a word.
constexpr char kScript[] =
    R"(# bash completion for @NAME@, made from the definitions of its commands
_@ID@_table() {
  commands= options= globals=
  case $1 in
@TABLE@  esac
}

# What the option $1 takes: choices, @file, @ or, for a flag, nothing.
_@ID@_takes() {
  local row
  takes=
  for row in $options; do
    [[ ${row%%=*} != "$1" ]] || { [[ $row != *=* ]] || takes=${row#*=}; return; }
  done
}

_@ID@() {
  local commands options globals takes at=@NAME@ expects= all= i word
  local current=${COMP_WORDS[COMP_CWORD]}
  _@ID@_table "$at"
  all=$options
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    [[ $word != = ]] || continue
    if [[ -n $expects ]]; then expects=; continue; fi
    if [[ $word == -* ]]; then
      _@ID@_takes "$word"
      expects=$takes
    elif [[ " $commands " == *" $word "* ]]; then
      at+=" $word"
      _@ID@_table "$at"
      [[ -z $globals ]] || options+=" $all"
    fi
  done
  [[ $current != = ]] || current=
  COMPREPLY=()
  if [[ $expects == @file ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [[ -n $expects ]]; then
    [[ $expects == @ ]] || mapfile -t COMPREPLY < <(compgen -W "${expects//,/ }" -- "$current")
  elif [[ $current == -* ]]; then
    local names=
    for word in $options; do names+=" ${word%%=*}"; done
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$current")
  elif [[ -n $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
  else
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F _@ID@ @NAME@
)";

}  // namespace

std::string BashCompletion(const Program& program) {
  return absl::StrReplaceAll(kScript, {{"@NAME@", program.name},
                                       {"@ID@", Identifier(program)},
                                       {"@TABLE@", Table(program)}});
}

}  // namespace bootseal::pages

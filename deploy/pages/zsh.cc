#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "deploy/pages/completion.h"

namespace bootseal::pages {
namespace {

// What _arguments reads as its own.
std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

std::string Spec(const std::string& name, const Option& option) {
  const std::string words = absl::StrCat("[", Escaped(option.description), "]");
  const char* const again = option.repeatable ? "*" : "";
  if (option.value.empty()) return absl::StrCat(again, name, words);
  const bool is_long = name.size() > 2;
  std::string spec = absl::StrCat(again, name, is_long ? "=" : "+", words, ":",
                                  Escaped(option.value), ":");
  if (!option.choices.empty()) {
    absl::StrAppend(&spec, "(", absl::StrJoin(option.choices, " "), ")");
  } else if (TakesFile(option)) {
    absl::StrAppend(&spec, "_files");
  } else {
    absl::StrAppend(&spec, " ");
  }
  return spec;
}

std::string Options(const Command& command) {
  std::string text;
  for (const Option& option : command.options) {
    for (const std::string& name : option.names) {
      absl::StrAppend(&text, "\n        ", Quoted(Spec(name, option)));
    }
  }
  return text;
}

std::string Commands(const Program& program, const Command& command) {
  std::string text;
  for (const std::string& child : command.children) {
    const std::string path = absl::StrCat(command.path, " ", child);
    for (const Command& each : program.commands) {
      if (each.path != path) continue;
      absl::StrAppend(
          &text, "\n        ",
          Quoted(absl::StrCat(child, ":", Escaped(each.description))));
    }
  }
  return text;
}

std::string Table(const Program& program) {
  std::string table;
  for (const Command& command : program.commands) {
    absl::StrAppend(&table, "    ", Quoted(command.path), ")\n      commands=(",
                    Commands(program, command), ")\n      options=(",
                    Options(command), ")\n");
    if (command.takes_globals) absl::StrAppend(&table, "      globals=1\n");
    absl::StrAppend(&table, "      ;;\n");
  }
  return table;
}

// The option before the word is left to _arguments; a word that is the value of
// one and named as a command is taken for the command.
constexpr char kScript[] = R"(#compdef @NAME@
# zsh completion for @NAME@, made from the definitions of its commands
_@ID@_table() {
  commands=() options=() globals=
  case $1 in
@TABLE@  esac
}

_@ID@() {
  local -a commands options all
  local globals at=@NAME@ word
  _@ID@_table $at
  all=($options)
  for word in ${words[2,CURRENT-1]}; do
    if (( ${commands[(I)$word:*]} )); then
      at+=" $word"
      _@ID@_table $at
      [[ -z $globals ]] || options+=($all)
    fi
  done
  if (( $#commands )); then
    _arguments -C -s $options '*:: :->command'
    [[ $PREFIX == -* ]] || _describe -t commands command commands
  else
    _arguments -s $options '*:file:_files'
  fi
}

[[ $zsh_eval_context[-1] == loadautofunc ]] && _@ID@ "$@" || compdef _@ID@ @NAME@
)";

}  // namespace

std::string ZshCompletion(const Program& program) {
  return absl::StrReplaceAll(kScript, {{"@NAME@", program.name},
                                       {"@ID@", Identifier(program)},
                                       {"@TABLE@", Table(program)}});
}

}  // namespace bootseal::pages

#include "deploy/pages/man.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bootseal::pages {
namespace {

std::string Escaped(absl::string_view text) {
  std::string escaped = absl::StrReplaceAll(text, {{"\\", "\\e"},
                                                   {"-", "\\-"},
                                                   {"'", "\\(aq"},
                                                   {"`", "\\(ga"},
                                                   {"^", "\\(ha"},
                                                   {"~", "\\(ti"}});
  if (absl::StartsWith(escaped, ".")) escaped.insert(0, "\\&");
  return escaped;
}

std::string Bold(absl::string_view text) {
  return absl::StrCat("\\fB", Escaped(text), "\\fR");
}

std::string Italic(absl::string_view text) {
  return absl::StrCat("\\fI", Escaped(text), "\\fR");
}

std::string Section(absl::string_view title) {
  return absl::StrCat(".SH ", title, "\n");
}

// A line that says it, and what it says of itself.
std::string Entry(absl::string_view term, absl::string_view words) {
  return absl::StrCat(".TP\n", term, "\n", words, "\n");
}

std::string Reference(absl::string_view path, const Edition& edition) {
  return absl::StrCat(Bold(PageName(path)), "(", edition.section, ")");
}

std::string Words(const Option& option) {
  std::string words = Escaped(option.description);
  if (!option.choices.empty()) {
    absl::StrAppend(&words, "; one of ",
                    absl::StrJoin(option.choices, ", ",
                                  [](std::string* out, const std::string& one) {
                                    out->append(Bold(one));
                                  }));
  }
  if (!option.by_default.empty()) {
    absl::StrAppend(&words, "; default: ", Escaped(option.by_default));
  }
  if (!option.environment.empty()) {
    absl::StrAppend(&words,
                    "; from the environment: ", Bold(option.environment));
  }
  if (option.repeatable) absl::StrAppend(&words, "; may be repeated");
  if (option.required) absl::StrAppend(&words, "; required");
  return words;
}

std::string Term(const Option& option) {
  std::string term = absl::StrJoin(
      option.names, ", ",
      [](std::string* out, const auto& name) { out->append(Bold(name)); });
  if (!option.value.empty()) {
    absl::StrAppend(&term, " ", Italic(option.value));
  }
  return term;
}

std::string Synopsis(const Command& command) {
  std::string line = Bold(command.path);
  if (!command.children.empty()) {
    absl::StrAppend(&line, " ", Italic("COMMAND"));
  }
  if (!command.options.empty()) {
    absl::StrAppend(&line, " [", Italic("OPTIONS"), "]");
  }
  for (const Argument& argument : command.arguments) {
    const std::string name =
        absl::StrCat(Italic(argument.name), argument.repeatable ? " ..." : "");
    absl::StrAppend(&line, " ",
                    argument.required ? name : absl::StrCat("[", name, "]"));
  }
  return absl::StrCat(line, "\n");
}

std::string Children(const Program& program, const Command& command,
                     const Edition& edition) {
  std::string text;
  for (const std::string& child : command.children) {
    const std::string path = absl::StrCat(command.path, " ", child);
    for (const Command& each : program.commands) {
      if (each.path != path) continue;
      absl::StrAppend(
          &text, Entry(Reference(path, edition), Escaped(each.description)));
    }
  }
  return text.empty() ? text : absl::StrCat(Section("COMMANDS"), text);
}

// As it is printed by --help, column by column.
std::string Verbatim(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    lines.push_back(line.empty() ? ".PP" : Escaped(line));
  }
  return absl::StrCat(".nf\n", absl::StrJoin(lines, "\n"), "\n.fi\n");
}

std::string SeeAlso(const Program& program, const Command& command,
                    const Edition& edition) {
  const std::size_t last = command.path.rfind(' ');
  if (last == std::string::npos) return "";
  const std::string parent = command.path.substr(0, last);
  std::string line = Reference(program.name, edition);
  if (parent != program.name) {
    absl::StrAppend(&line, ", ", Reference(parent, edition));
  }
  return absl::StrCat(Section("SEE ALSO"), line, "\n");
}

std::string Details(const Program& program, const Command& command,
                    const Edition& edition) {
  std::string text;
  if (!command.arguments.empty()) absl::StrAppend(&text, Section("ARGUMENTS"));
  for (const Argument& argument : command.arguments) {
    absl::StrAppend(
        &text, Entry(Italic(argument.name), Escaped(argument.description)));
  }
  if (!command.options.empty()) absl::StrAppend(&text, Section("OPTIONS"));
  for (const Option& option : command.options) {
    absl::StrAppend(&text, Entry(Term(option), Words(option)));
  }
  if (command.takes_globals) {
    absl::StrAppend(&text, ".PP\nThe options of ",
                    Reference(program.name, edition),
                    " may be given here too.\n");
  }
  return text;
}

}  // namespace

std::string PageName(absl::string_view path) {
  return absl::StrReplaceAll(path, {{" ", "-"}});
}

std::string ManualPage(const Program& program, const Command& command,
                       const Edition& edition) {
  const std::string name = PageName(command.path);
  std::string page = absl::StrCat(
      ".TH ", Escaped(absl::AsciiStrToUpper(name)), " ", edition.section, " ",
      edition.date, " \"Bootseal ", edition.version, "\" Bootseal\n",
      Section("NAME"), Escaped(name), " \\- ",
      Escaped(absl::StripSuffix(command.description, ".")), "\n",
      Section("SYNOPSIS"), Synopsis(command),
      Children(program, command, edition), Details(program, command, edition));
  if (command.path == program.name && !program.footer.empty()) {
    absl::StrAppend(&page, Section("SETTINGS AND EXIT STATUS"),
                    Verbatim(program.footer));
  }
  return absl::StrCat(page, SeeAlso(program, command, edition));
}

}  // namespace bootseal::pages

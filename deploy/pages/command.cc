#include "deploy/pages/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bootseal::pages {
namespace {

// "TEXT:{pem,der}" has two choices, "TEXT:MOMENT" has none.
std::vector<std::string> ChoicesOf(absl::string_view type) {
  const std::size_t start = type.find(":{");
  if (start == absl::string_view::npos) return {};
  type.remove_prefix(start + 2);
  if (!absl::ConsumeSuffix(&type, "}")) return {};
  return absl::StrSplit(type, ',');
}

Option ReadOption(const CLI::Option& from) {
  Option option;
  for (const std::string& name : from.get_snames()) {
    option.names.push_back(absl::StrCat("-", name));
  }
  for (const std::string& name : from.get_lnames()) {
    option.names.push_back(absl::StrCat("--", name));
  }
  option.description = from.get_description();
  option.environment = from.get_envname();
  option.required = from.get_required();
  if (from.get_items_expected_max() == 0) return option;
  const std::string type = from.get_type_name();
  option.value = type.substr(0, type.find(':'));
  option.choices = ChoicesOf(type);
  option.repeatable = from.get_expected_max() > 1;
  if (from.get_default_str() != "[]") {
    option.by_default = from.get_default_str();
  }
  return option;
}

void ReadOptions(const CLI::App& app, Command& command) {
  for (const CLI::Option* each : app.get_options()) {
    if (each->get_group().empty()) continue;
    if (!each->get_positional()) {
      command.options.push_back(ReadOption(*each));
      continue;
    }
    command.arguments.push_back({each->get_name(true), each->get_description(),
                                 each->get_required(),
                                 each->get_expected_max() > 1});
  }
}

void Append(const CLI::App& app, const std::string& path,
            std::vector<Command>& commands) {
  Command command{path, app.get_description(), {}, {}, {}, false};
  command.takes_globals = app.get_parent() != nullptr && app.get_fallthrough();
  ReadOptions(app, command);
  const auto children =
      app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : children) {
    command.children.push_back(child->get_name());
  }
  commands.push_back(std::move(command));
  for (const CLI::App* child : children) {
    Append(*child, absl::StrCat(path, " ", child->get_name()), commands);
  }
}

}  // namespace

Program Read(const CLI::App& app) {
  Program program{app.get_name(), app.get_footer(), {}};
  Append(app, app.get_name(), program.commands);
  return program;
}

void Replace(Program& program, const std::string& path, const CLI::App& part) {
  std::vector<Command> commands;
  for (Command& command : program.commands) {
    if (command.path != path) {
      commands.push_back(std::move(command));
      continue;
    }
    Append(part, path, commands);
  }
  program.commands = std::move(commands);
}

}  // namespace bootseal::pages

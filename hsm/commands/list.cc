// list and show.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/report.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

struct ListOptions {
  TokenChoice token;
  std::string label;
  std::string id;
  Form form = Form::kText;
};

absl::Status List(const ListOptions& options) {
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(const auto keys, ListKeys(*token));
  if (options.form == Form::kJson) {
    const std::string rows = absl::StrJoin(
        keys, ",",
        [](std::string* out, const KeyInfo& key) { out->append(Json(key)); });
    return Deliver("", absl::StrCat("{\"token\":", JsonString(token->label()),
                                    ",\"serial\":", JsonString(token->serial()),
                                    ",\"keys\":[", rows, "]}\n"));
  }
  std::string text;
  for (const KeyInfo& key : keys) absl::StrAppend(&text, Line(key));
  return Deliver("", text);
}

absl::Status Show(const ListOptions& options) {
  ASSIGN_OR_RETURN(const auto selector, SelectorOf(options.label, options.id));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(auto key,
                   token->Run([&selector](const pkcs11::Session& session) {
                     return pkcs11::FindKey(session, selector);
                   }));
  key.info.token_label = token->label();
  key.info.token_serial = token->serial();
  return Deliver("", options.form == Form::kJson
                         ? absl::StrCat(Json(key.info), "\n")
                         : Details(key.info));
}

}  // namespace

void AddList(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "list", "the signing keys in the token, one a line");
  const auto options = std::make_shared<ListOptions>();
  AddTokenOptions(command, options->token);
  AddJsonFlag(command, options->form);
  command.callback(
      [&action, options] { action = [options] { return List(*options); }; });
}

void AddShow(CLI::App& program, Action& action) {
  CLI::App& command =
      *program.add_subcommand("show", "one key with all its attributes");
  const auto options = std::make_shared<ListOptions>();
  AddTokenOptions(command, options->token);
  AddKeyOptions(command, options->label, options->id);
  AddJsonFlag(command, options->form);
  command.callback(
      [&action, options] { action = [options] { return Show(*options); }; });
}

}  // namespace bootseal::hsm::commands

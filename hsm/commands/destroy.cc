#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/report.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

struct DestroyOptions {
  TokenChoice token;
  std::string label;
  std::string id;
  std::string public_key_sha256;
  Form form = Form::kText;
};

absl::Status CheckMeant(const KeyInfo& key, const std::string& stated) {
  const std::string hash = absl::BytesToHexString(Sha256(key.public_key));
  if (absl::AsciiStrToLower(stated) == hash) return absl::OkStatus();
  return base::Precondition(
      "KEY_NOT_PINNED",
      absl::StrCat("key \"", key.label, "\" has public key ", hash,
                   " (SHA-256), --public-key-sha256 says ", stated,
                   "; nothing was destroyed"));
}

absl::Status Destroy(const DestroyOptions& options) {
  ASSIGN_OR_RETURN(const auto selector, SelectorOf(options.label, options.id));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(
      const auto destroyed,
      token->Change([&](const pkcs11::Session& session)
                        -> absl::StatusOr<pkcs11::FoundKey> {
        ASSIGN_OR_RETURN(auto key, pkcs11::FindKey(session, selector));
        RETURN_IF_ERROR(CheckMeant(key.info, options.public_key_sha256));
        RETURN_IF_ERROR(pkcs11::DestroyKey(session, key.info));
        return key;
      }));
  if (options.form == Form::kJson) {
    return Deliver("", MadeText(destroyed.info, *token, options.form));
  }
  return Deliver("",
                 absl::StrCat("key \"", absl::CHexEscape(destroyed.info.label),
                              "\" is destroyed\n"));
}

}  // namespace

void AddDestroy(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "destroy", "destroy a key in the token, both halves, for good");
  const auto options = std::make_shared<DestroyOptions>();
  AddTokenOptions(command, options->token);
  AddKeyOptions(command, options->label, options->id);
  command
      .add_option("--public-key-sha256", options->public_key_sha256,
                  "of its public key, as show says: no other key is destroyed")
      ->required();
  AddJsonFlag(command, options->form);
  command.callback(
      [&action, options] { action = [options] { return Destroy(*options); }; });
}

}  // namespace bootseal::hsm::commands

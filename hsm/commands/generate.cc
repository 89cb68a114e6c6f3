#include <CLI/CLI.hpp>
#include <memory>

#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/report.h"
#include "hsm/label.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

struct GenerateOptions {
  TokenChoice token;
  std::string label;
  std::string id;
  std::string algorithm;
  std::string padding;
  Form form = Form::kText;
};

absl::Status Generate(const GenerateOptions& options) {
  RETURN_IF_ERROR(CheckKeyLabel(options.label));
  pkcs11::NewKey key;
  key.label = options.label;
  ASSIGN_OR_RETURN(key.algorithm, ParseAlgorithm(options.algorithm));
  key.padding = PaddingNamed(options.padding);
  ASSIGN_OR_RETURN(key.id, IdOrRandom(options.id));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(const auto made,
                   token->Change([&key](const pkcs11::Session& session) {
                     return pkcs11::GenerateKey(session, key);
                   }));
  return Deliver("", MadeText(made.info, *token, options.form));
}

}  // namespace

void AddGenerate(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "generate", "generate a signing key that never leaves the token");
  const auto options = std::make_shared<GenerateOptions>();
  AddTokenOptions(command, options->token);
  command.add_option("--label", options->label, "label of the new key")
      ->required();
  command
      .add_option("--algorithm", options->algorithm,
                  "rsa2048, rsa3072, p256, p384, ed25519 or brainpoolP256t1")
      ->required();
  AddPaddingOption(command, options->padding);
  command.add_option("--id", options->id, "CKA_ID in hex; default: random");
  AddJsonFlag(command, options->form);
  command.callback([&action, options] {
    action = [options] { return Generate(*options); };
  });
}

}  // namespace bootseal::hsm::commands

#include <CLI/CLI.hpp>
#include <memory>

#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/pkcs11/initialise.h"

namespace bootseal::hsm::commands {
namespace {

struct SetPinOptions {
  std::string module;
  std::string label;
  std::string pin_file;
  std::string so_pin_file;
  Form form = Form::kText;
};

absl::Status SetPin(const SetPinOptions& options) {
  ASSIGN_OR_RETURN(const base::Secret so_pin, ReadPin(options.so_pin_file));
  ASSIGN_OR_RETURN(const base::Secret pin, ReadPin(options.pin_file));
  ASSIGN_OR_RETURN(const std::string path,
                   ModulePath(options.module, "pkcs11:"));
  ASSIGN_OR_RETURN(const auto lock, HoldModule(path));
  ASSIGN_OR_RETURN(const auto module, pkcs11::Module::Load(path));
  RETURN_IF_ERROR(pkcs11::SetUserPin(*module, options.label, so_pin, pin));
  return Deliver("", MadeText(options.label, options.form));
}

}  // namespace

void AddSetPin(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "set-pin", "a new user's PIN, by the security officer's; keys stay");
  const auto options = std::make_shared<SetPinOptions>();
  AddModuleOption(command, options->module);
  AddJsonFlag(command, options->form);
  command.add_option("--token", options->label, "label of the token")
      ->required();
  command
      .add_option("--pin-file", options->pin_file,
                  "file with the new PIN, mode 0600")
      ->required();
  command
      .add_option("--so-pin-file", options->so_pin_file,
                  "file with the security officer's PIN, mode 0600")
      ->required();
  command.callback(
      [&action, options] { action = [options] { return SetPin(*options); }; });
}

}  // namespace bootseal::hsm::commands

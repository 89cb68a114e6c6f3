#include <CLI/CLI.hpp>
#include <memory>

#include "hsm/commands/commands.h"
#include "hsm/commands/officer.h"
#include "hsm/pkcs11/initialise.h"

namespace bootseal::hsm::commands {

void AddSetPin(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "set-pin", "a new user's PIN, by the security officer's; keys stay");
  const auto options = std::make_shared<OfficerOptions>();
  command.add_option("--token", options->label, "label of the token")
      ->required();
  AddOfficerOptions(command, *options, "the new");
  command.callback([&action, options] {
    action = [options] { return Officiate(*options, pkcs11::SetUserPin); };
  });
}

}  // namespace bootseal::hsm::commands

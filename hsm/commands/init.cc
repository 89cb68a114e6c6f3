#include <CLI/CLI.hpp>
#include <memory>

#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/officer.h"
#include "hsm/label.h"
#include "hsm/pkcs11/initialise.h"

namespace bootseal::hsm::commands {
namespace {

absl::Status Init(const OfficerOptions& options) {
  RETURN_IF_ERROR(CheckTokenLabel(options.label));
  return Officiate(options, pkcs11::InitialiseToken);
}

}  // namespace

void AddInit(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "init", "initialise the first free token of the module");
  const auto options = std::make_shared<OfficerOptions>();
  command.add_option("--label", options->label, "label of the new token")
      ->required();
  AddOfficerOptions(command, *options, "the user's");
  command.callback(
      [&action, options] { action = [options] { return Init(*options); }; });
}

}  // namespace bootseal::hsm::commands

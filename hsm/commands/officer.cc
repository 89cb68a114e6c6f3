#include "hsm/commands/officer.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm::commands {

void AddOfficerOptions(CLI::App& command, OfficerOptions& options,
                       const char* whose_pin) {
  AddModuleOption(command, options.module);
  AddJsonFlag(command, options.form);
  command
      .add_option("--pin-file", options.pin_file,
                  absl::StrCat("file with ", whose_pin, " PIN, mode 0600"))
      ->required();
  command
      .add_option("--so-pin-file", options.so_pin_file,
                  "file with the security officer's PIN, mode 0600")
      ->required();
}

absl::Status Officiate(const OfficerOptions& options, OfficerAct act) {
  ASSIGN_OR_RETURN(const base::Secret so_pin, ReadPin(options.so_pin_file));
  ASSIGN_OR_RETURN(const base::Secret pin, ReadPin(options.pin_file));
  ASSIGN_OR_RETURN(const HeldModule held, HoldModule(options.module));
  RETURN_IF_ERROR(act(*held.module, options.label, so_pin, pin));
  return Deliver("", MadeText(options.label, options.form));
}

}  // namespace bootseal::hsm::commands

// What the commands of the security officer share: two PINs, and a token whose
// user does not log in.
#ifndef BOOTSEAL_HSM_COMMANDS_OFFICER_H_
#define BOOTSEAL_HSM_COMMANDS_OFFICER_H_

#include <string>

#include "absl/status/status.h"
#include "hsm/commands/options.h"
#include "hsm/pkcs11/module.h"

namespace bootseal::hsm::commands {

struct OfficerOptions {
  std::string module;
  std::string label;
  std::string pin_file;
  std::string so_pin_file;
  Form form = Form::kText;
};

// One of hsm/pkcs11/initialise.h.
using OfficerAct = absl::Status (*)(const pkcs11::Module& module,
                                    const std::string& label,
                                    const base::Secret& security_officer_pin,
                                    const base::Secret& pin);

// --module, --json, --pin-file and --so-pin-file. `whose_pin` completes "file
// with ... PIN". The label's option has a name in each command.
void AddOfficerOptions(CLI::App& command, OfficerOptions& options,
                       const char* whose_pin);

// Holds the module meanwhile, and says that the token is ready.
absl::Status Officiate(const OfficerOptions& options, OfficerAct act);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_OFFICER_H_

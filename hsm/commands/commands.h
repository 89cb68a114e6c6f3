// The commands of bootseal-token. Each adds itself to the program and sets
// `action` when it is the one that was given.
#ifndef BOOTSEAL_HSM_COMMANDS_COMMANDS_H_
#define BOOTSEAL_HSM_COMMANDS_COMMANDS_H_

#include "hsm/commands/options.h"

namespace bootseal::hsm::commands {

void AddInit(CLI::App& program, Action& action);
void AddGenerate(CLI::App& program, Action& action);
void AddCeremony(CLI::App& program, Action& action);
void AddImport(CLI::App& program, Action& action);
void AddList(CLI::App& program, Action& action);
void AddShow(CLI::App& program, Action& action);
void AddCertificate(CLI::App& program, Action& action);
void AddExportPublic(CLI::App& program, Action& action);
void AddSetPin(CLI::App& program, Action& action);
void AddDestroy(CLI::App& program, Action& action);

extern const char kName[];
extern const char kWords[];

// All of the above.
void AddAll(CLI::App& program, Action& action);

// Hands over the definitions of all commands, which live no longer than that.
void ReadDefinitions(const std::function<void(const CLI::App&)>& read);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_COMMANDS_H_

#include "hsm/commands/commands.h"

#include <CLI/CLI.hpp>

namespace bootseal::hsm::commands {

const char kName[] = "bootseal-token";
const char kWords[] = "Keys in a PKCS#11 token: make, look at, hand out, destroy.";

void AddAll(CLI::App& program, Action& action) {
  program.require_subcommand(1);
  AddInit(program, action);
  AddGenerate(program, action);
  AddCeremony(program, action);
  AddImport(program, action);
  AddList(program, action);
  AddShow(program, action);
  AddExportPublic(program, action);
  AddCertificate(program, action);
  AddDestroy(program, action);
  AddSetPin(program, action);
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  CLI::App program(kWords, kName);
  Action action;
  AddAll(program, action);
  read(program);
}

}  // namespace bootseal::hsm::commands

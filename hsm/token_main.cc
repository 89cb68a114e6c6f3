// bootseal-token: the key ceremony. Exit status: 0 done, 1 refused, 2 usage,
// 5 local file.
#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "base/status.h"
#include "hsm/commands/commands.h"

namespace {

namespace base = bootseal::base;
namespace commands = bootseal::hsm::commands;

constexpr int kRefused = 1;
constexpr int kUsage = 2;
constexpr int kLocalFile = 5;

int ExitCodeFor(const absl::Status& status) {
  if (status.ok()) return 0;
  if (absl::StartsWith(base::ReasonOf(status), "FILE_")) return kLocalFile;
  return status.code() == absl::StatusCode::kInvalidArgument ? kUsage
                                                             : kRefused;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("Keys in a PKCS#11 token: make, look at, hand out.",
                   "bootseal-token");
  program.require_subcommand(1);
  commands::Action action;
  commands::AddInit(program, action);
  commands::AddGenerate(program, action);
  commands::AddImport(program, action);
  commands::AddList(program, action);
  commands::AddShow(program, action);
  commands::AddExportPublic(program, action);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kUsage;
  }
  const absl::Status status = action();
  if (!status.ok()) {
    std::cerr << "bootseal-token: " << base::ReasonOf(status) << ": "
              << status.message() << "\n";
  }
  return ExitCodeFor(status);
}

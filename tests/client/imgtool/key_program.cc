// The commands for keys as a program: what their tests and the comparison with
// imgtool run. Exit status as imgtool's.
#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/status/status.h"
#include "client/imgtool/key_commands.h"

namespace {

namespace imgtool = bootseal::imgtool;

struct Row {
  const char* name;
  imgtool::Action (*declare)(CLI::App& app);
};

constexpr Row kRows[] = {
    {"keygen", imgtool::DeclareKeygen},
    {"getpub", imgtool::DeclareGetpub},
    {"getpubhash", imgtool::DeclareGetpubhash},
    {"getpriv", imgtool::DeclareGetpriv},
    {"keyinfo", imgtool::DeclareKeyinfo},
};

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("imgtool's commands for keys");
  program.require_subcommand(1);
  imgtool::Action action;
  for (const Row& row : kRows) {
    CLI::App& command = *program.add_subcommand(row.name);
    command.callback(
        [&action, declared = row.declare(command)] { action = declared; });
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  return Report(action());
}

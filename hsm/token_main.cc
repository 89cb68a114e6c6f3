// bootseal-token: the key ceremony. Exit status: 0 done, 1 refused, 2 usage,
// 5 local file.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/pending_file.h"
#include "base/unknown_option.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/failure.h"

namespace {

namespace commands = bootseal::hsm::commands;

using commands::Form;

// Known before the options are, or even when they are wrong.
Form FormAskedFor(int argc, char** argv) {
  const bool json =
      std::any_of(argv + 1, argv + argc, [](const char* argument) {
        return absl::string_view(argument) == "--json";
      });
  return json ? Form::kJson : Form::kText;
}

int Report(const absl::Status& status, Form form) {
  if (!status.ok()) std::cerr << commands::FailureText(status, form);
  return commands::ExitStatusOf(status);
}

}  // namespace

int main(int argc, char** argv) {
  signal(SIGXFSZ, SIG_IGN);  // the write fails instead, and is named
  bootseal::base::RemovePendingFilesOnSignal();
  CLI::App program(commands::kWords, commands::kName);
  commands::Action action;
  commands::AddAll(program, action);
  const Form form = FormAskedFor(argc, argv);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help
    const std::string unknown =
        bootseal::base::UnknownOption(program, {argv + 1, argv + argc});
    return Report(
        commands::UsageError(unknown.empty() ? error.what() : unknown), form);
  }
  return Report(action(), form);
}

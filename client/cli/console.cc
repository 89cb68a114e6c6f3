#include "client/cli/console.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/status.h"
#include "client/approval/signer.h"
#include "client/cli/approver_options.h"
#include "client/cli/arguments.h"
#include "client/cli/console_source.h"
#include "client/cli/text.h"
#include "client/console/console.h"

namespace bootseal::cli {
namespace {

struct ConsoleOptions {
  int port = 0;
  bool no_browser = false;
  // Without a key the page only shows.
  ApproverOptions signer;
};

// Nothing of ours hangs on it: the address is on the terminal too. What is
// handed over here, every user of the machine can read.
void OpenBrowser(const std::string& path) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
  }
  std::string program = "xdg-open";
  std::string argument = path;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t pid = 0;
  posix_spawnp(&pid, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
}

void Announce(const std::string& address, Format format) {
  if (format == Format::kJson) {
    PrintResult(
        JsonObject().Add("address", Json::Text(address)).Build().text() + "\n");
    return;
  }
  PrintResult(absl::StrCat(
      address,
      "\nThis address serves once; Enter prints another, Ctrl-C ends "
      "the console.\n"));
}

absl::StatusOr<std::unique_ptr<approval::Signer>> OpenApprover(
    const approval::KeySource& source) {
  if (source.key.empty() && source.ssh_key.empty()) {
    return std::unique_ptr<approval::Signer>();
  }
  return approval::OpenSigner(source);
}

absl::StatusOr<ExitStatus> Serve(Context& context,
                                 const ConsoleOptions& options) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const Settings* const settings, context.settings());
  // Now, while nobody else reads what is typed: it may ask for a passphrase.
  ASSIGN_OR_RETURN(const auto signer, OpenApprover(options.signer.key));
  const ConsoleSource source(*connection, key, settings->server,
                             {signer.get(), options.signer.name});
  const Format format = context.format();
  console::Options serving;
  serving.port = options.port;
  serving.voice =
      format == Format::kJson ? console::Voice::kJson : console::Voice::kText;
  serving.announce = [format](const std::string& address) {
    Announce(address, format);
  };
  if (!options.no_browser) serving.open = OpenBrowser;
  const base::SystemClock clock;
  RETURN_IF_ERROR(
      WithExit(console::Run(serving, source, clock), ExitStatus::kUsage));
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareConsole(CLI::App& app) {
  const auto options = std::make_shared<ConsoleOptions>();
  app.add_option("--port", options->port, "of 127.0.0.1; 0: a free one")
      ->transform(WholeNumber(0, 65535));
  app.add_flag("--no-browser", options->no_browser,
               "print the address and open nothing");
  DeclareApproverOptions(app, options->signer);
  app.footer("Without a key the page only shows.");
  return [options](Context& context) { return Serve(context, *options); };
}

}  // namespace bootseal::cli

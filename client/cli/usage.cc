#include "client/cli/usage.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/unknown_option.h"

namespace bootseal::cli {
namespace {

// The command that was meant: the last one that was understood.
const CLI::App& Innermost(const CLI::App& app) {
  const CLI::App* found = &app;
  while (!found->get_subcommands().empty()) {
    found = found->get_subcommands().back();
  }
  return *found;
}

// "bootseal audit list"
std::string FullName(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr
             ? app.get_name()
             : absl::StrCat(FullName(*parent), " ", app.get_name());
}

std::string CommandsOf(const CLI::App& app) {
  return absl::StrJoin(app.get_subcommands(nullptr), ", ",
                       [](std::string* out, const CLI::App* each) {
                         out->append(each->get_name());
                       });
}

std::string UnknownWord(const CLI::App& command, const std::string& word) {
  if (command.get_subcommands(nullptr).empty()) {
    return absl::StrCat("\"", word, "\" is one argument too many");
  }
  const std::string group =
      command.get_parent() == nullptr ? "" : command.get_name() + " ";
  return absl::StrCat("no command \"", group, word,
                      "\"; known: ", CommandsOf(command));
}

std::string LibraryText(const CLI::ParseError& error) {
  std::string text = error.what();
  text.front() = absl::ascii_tolower(static_cast<unsigned char>(text.front()));
  return text;
}

}  // namespace

const char kFooter[] =
    "Settings, the first one given wins: option, environment, key in the file\n"
    "  --server    BOOTSEAL_SERVER    server     host:port, or several: "
    "a:1,b:2\n"
    "  --ca        BOOTSEAL_CA        ca         PEM file: the server's CA\n"
    "  --cert      BOOTSEAL_CERT      cert       PEM file: our certificate\n"
    "  --key       BOOTSEAL_KEY       key        PEM file: its private key\n"
    "  --log-key   BOOTSEAL_LOG_KEY   log-key    the log's key, or its file\n"
    "  --config                                  the file; default:\n"
    "              $XDG_CONFIG_HOME/bootseal/config, "
    "~/.config/bootseal/config\n"
    "  --json      results and errors as JSON\n"
    "BOOTSEAL_STATE: folder that remembers the log's checkpoint; default:\n"
    "  $XDG_STATE_HOME/bootseal, ~/.local/state/bootseal\n"
    "GRPC_VERBOSITY: lets gRPC and protobuf speak on standard error\n"
    "Exit status: 0 done or bootable, 1 refused or not bootable, 2 usage,\n"
    "  3 waiting for approvals, 4 server unreachable, 5 local file";

std::string UsageProblem(const CLI::App& app,
                         const std::vector<std::string>& arguments,
                         const CLI::ParseError& error) {
  const CLI::App& command = Innermost(app);
  std::vector<std::string> unknown = app.remaining(true);
  // The library never takes it, not even where it is right.
  unknown.erase(std::remove(unknown.begin(), unknown.end(), "--"),
                unknown.end());
  std::string what = base::UnknownOption(app, arguments);
  if (what.empty()) {
    what = unknown.empty() ? LibraryText(error)
                           : UnknownWord(command, unknown.front());
  }
  return absl::StrCat(what, "; see ", FullName(command), " --help");
}

}  // namespace bootseal::cli

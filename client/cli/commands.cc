#include "client/cli/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "client/cli/arguments.h"
#include "client/cli/audit.h"
#include "client/cli/audit_verify.h"
#include "client/cli/command.h"
#include "client/cli/explain.h"
#include "client/cli/inspect.h"
#include "client/cli/keys.h"
#include "client/cli/policy.h"
#include "client/cli/sign.h"
#include "client/cli/targets.h"
#include "client/cli/text.h"
#include "client/cli/verify.h"
#include "client/cli/version.h"

namespace bootseal::cli {
namespace {

struct Group {
  const char* name;
  const char* description;
};

constexpr std::array<Group, 4> kGroups{{
    {"keys", "public keys and what the HSM says of them"},
    {"targets", "what may be asked for"},
    {"audit", "read and prove the audit log"},
    {"policy", "check a policy, ask what it would say"},
}};

constexpr std::array<Command, 15> kCommands{{
    {"sign", "make a bootable image of a payload", DeclareSign},
    {"verify", "bootable or not: exit 0 or 1", DeclareVerify},
    {"explain", "every rule, pass or fail, and the fix", DeclareExplain},
    {"inspect", "any known format, recognised by content", DeclareInspect},
    {"keys list", "all keys of the policy", DeclareKeysList},
    {"keys show", "one key, in the form a build needs", DeclareKeysShow},
    {"targets list", "targets that you may ask for", DeclareTargetsList},
    {"targets export", "a target's rules and key, for work offline",
     DeclareTargetsExport},
    {"audit list", "entries, filtered", DeclareAuditList},
    {"audit show", "one entry, proven", DeclareAuditShow},
    {"audit tail", "follow new entries", DeclareAuditTail},
    {"audit verify", "prove that nothing was changed or left out",
     DeclareAuditVerify},
    {"policy check", "every problem of a policy file", DeclarePolicyCheck},
    {"policy explain", "what the server would say of a request",
     DeclarePolicyExplain},
    {"version", "which build this is", DeclareVersion},
}};

constexpr char kFooter[] =
    "Settings: flags, then BOOTSEAL_SERVER BOOTSEAL_CA BOOTSEAL_CERT "
    "BOOTSEAL_KEY\nBOOTSEAL_LOG_KEY, then ~/.config/bootseal/config.\n"
    "Exit status: 0 done or bootable, 1 refused or not bootable, 2 usage,\n"
    "3 waiting for approvals, 4 server unreachable, 5 local file.";

struct Choice {
  CLI::App* app;
  Action action;
};

void DeclareGlobals(CLI::App& app, Flags& flags, bool& json) {
  app.add_option("--server", flags.settings.server, "host:port")
      ->check(NotEmpty());
  app.add_option("--ca", flags.settings.ca, "PEM file: the server's CA")
      ->check(NotEmpty());
  app.add_option("--cert", flags.settings.certificate,
                 "PEM file: our certificate")
      ->check(NotEmpty());
  app.add_option("--key", flags.settings.key, "PEM file: its private key")
      ->check(NotEmpty());
  app.add_option("--log-key", flags.settings.log_key,
                 "the audit log's key: origin+id+key, or a file with it")
      ->check(NotEmpty());
  app.add_option("--config", flags.config, "settings file")->check(NotEmpty());
  app.add_flag("--json", json, "results and errors as JSON");
}

std::vector<Choice> DeclareCommands(CLI::App& app) {
  for (const Group& group : kGroups) {
    app.add_subcommand(group.name, group.description)
        ->require_subcommand(1)
        ->fallthrough();
  }
  std::vector<Choice> choices;
  for (const Command& command : kCommands) {
    const std::vector<std::string> words = absl::StrSplit(command.name, ' ');
    CLI::App* parent = &app;
    if (words.size() == 2) parent = app.get_subcommand(words.front());
    CLI::App* const child =
        parent->add_subcommand(words.back(), command.description);
    child->fallthrough();
    choices.push_back({child, command.declare(*child)});
  }
  return choices;
}

// CLI11 wants the arguments last first, without argv[0].
std::vector<std::string> Reversed(const std::vector<std::string>& arguments) {
  return {arguments.rbegin(), arguments.rend() - 1};
}

ExitStatus Report(const absl::Status& status, Format format) {
  std::fputs(FormatError(status, format).c_str(), stderr);
  return ExitStatusOf(status);
}

// A result that was not written is no success.
ExitStatus Delivered(ExitStatus exit, Format format) {
  if (exit != ExitStatus::kDone) return exit;
  const absl::Status written = ResultsWritten();
  return written.ok() ? exit : Report(written, format);
}

ExitStatus PrintHelp(const CLI::App& app, const CLI::ParseError& help) {
  std::ostringstream text;
  app.exit(help, text, text);
  PrintResult(text.str());
  return Delivered(ExitStatus::kDone, Format::kText);
}

ExitStatus Run(const std::vector<Choice>& choices, Context& context) {
  for (const Choice& choice : choices) {
    if (!choice.app->parsed()) continue;
    const absl::StatusOr<ExitStatus> exit = choice.action(context);
    if (!exit.ok()) return Report(exit.status(), context.format());
    return Delivered(*exit, context.format());
  }
  return Report(UsageError("NO_COMMAND", "no command"), context.format());
}

std::string UsageText(std::string what) {
  what.front() = absl::ascii_tolower(static_cast<unsigned char>(what.front()));
  return absl::StrCat(what, "; see bootseal --help");
}

Format FormatAskedFor(const std::vector<std::string>& arguments) {
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") !=
                    arguments.end();
  return json ? Format::kJson : Format::kText;
}

}  // namespace

ExitStatus RunCommandLine(const std::vector<std::string>& arguments) {
  CLI::App app("Bootseal signs firmware with keys that never leave an HSM.",
               "bootseal");
  Flags flags;
  bool json = false;
  app.require_subcommand(1);
  app.footer(kFooter);
  DeclareGlobals(app, flags, json);
  const std::vector<Choice> choices = DeclareCommands(app);
  try {
    app.parse(Reversed(arguments));
  } catch (const CLI::CallForHelp& help) {
    return PrintHelp(app, help);
  } catch (const CLI::CallForAllHelp& help) {
    return PrintHelp(app, help);
  } catch (const CLI::ParseError& error) {  // the library reports by exception
    return Report(UsageError("USAGE", UsageText(error.what())),
                  FormatAskedFor(arguments));
  }
  const base::SystemClock clock;
  Context context(flags, json ? Format::kJson : Format::kText, clock);
  return Run(choices, context);
}

}  // namespace bootseal::cli

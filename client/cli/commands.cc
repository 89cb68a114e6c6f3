#include "client/cli/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>
#include <utility>

#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "client/cli/approvals.h"
#include "client/cli/arguments.h"
#include "client/cli/audit.h"
#include "client/cli/audit_export.h"
#include "client/cli/audit_show.h"
#include "client/cli/audit_verify.h"
#include "client/cli/audit_witness.h"
#include "client/cli/capsule_create.h"
#include "client/cli/capsule_mark.h"
#include "client/cli/capsule_show.h"
#include "client/cli/command.h"
#include "client/cli/console.h"
#include "client/cli/explain.h"
#include "client/cli/fip_check.h"
#include "client/cli/fip_make.h"
#include "client/cli/fip_read.h"
#include "client/cli/fwu_bundle.h"
#include "client/cli/fwu_check.h"
#include "client/cli/fwu_create.h"
#include "client/cli/fwu_layout_check.h"
#include "client/cli/fwu_layout_create.h"
#include "client/cli/fwu_show.h"
#include "client/cli/fwu_verdict.h"
#include "client/cli/imgtool.h"
#include "client/cli/inspect.h"
#include "client/cli/key_changes.h"
#include "client/cli/keys.h"
#include "client/cli/library_log.h"
#include "client/cli/login.h"
#include "client/cli/policy.h"
#include "client/cli/sign.h"
#include "client/cli/sign_range.h"
#include "client/cli/signed_already.h"
#include "client/cli/stm32_header.h"
#include "client/cli/stm32_rom_check.h"
#include "client/cli/targets.h"
#include "client/cli/targets_check.h"
#include "client/cli/text.h"
#include "client/cli/tfm_wrapper.h"
#include "client/cli/usage.h"
#include "client/cli/verify.h"
#include "client/cli/version.h"

namespace bootseal::cli {
namespace {

struct Group {
  const char* name;
  const char* description;
};

constexpr std::array<Group, 10> kGroups{{
    {"keys", "public keys and what the HSM says of them"},
    {"targets", "what may be asked for"},
    {"approvals", "what waits for people, and what they say"},
    {"fwu", "firmware update: metadata, and releases for a device's banks"},
    {"fwu layout", "whole flash layouts and disk images"},
    {"capsule", "UEFI capsules, as U-Boot takes them"},
    {"fip", "packages that an STM32MP's second stage starts"},
    {"stm32", "first stages, and what a boot ROM says of them"},
    {"audit", "read and prove the audit log"},
    {"policy", "check a policy, test it, ask what it would say"},
}};

constexpr auto kCommands = std::to_array<Command>({
    {"sign", "make a bootable image of a payload", DeclareSign},
    {"sign-range", "sign what another tool made to be signed",
     DeclareSignRange},
    {"verify", "bootable or not: exit 0 or 1", DeclareVerify},
    {"explain", "every rule, pass or fail, and the fix", DeclareExplain},
    {"inspect", "any known format, recognised by content", DeclareInspect},
    {"imgtool", "MCUboot's imgtool, with its options", DeclareImgtool},
    {"tfm-wrapper", "TF-M's mcuboot_imagesign_wrapper, with its options",
     DeclareTfmWrapper},
    {"keys list", "all keys of the policy", DeclareKeysList},
    {"keys show", "one key, in the form a build needs", DeclareKeysShow},
    {"keys activate", "ask that a key may sign", DeclareKeysActivate},
    {"keys rotate", "ask that one key takes another's place",
     DeclareKeysRotate},
    {"keys retire", "ask that a key signs no more", DeclareKeysRetire},
    {"targets list", "targets that you may ask for", DeclareTargetsList},
    {"targets export", "a target's rules and key, for work offline",
     DeclareTargetsExport},
    {"targets check", "a target against the bootloader of a build",
     DeclareTargetsCheck},
    {"approvals list", "requests that wait", DeclareApprovalsList},
    {"approvals show", "one request, proven, and how to compute its digest",
     DeclareApprovalsShow},
    {"approvals approve", "sign that it may be done", DeclareApprovalsApprove},
    {"approvals deny", "sign that it may not", DeclareApprovalsDeny},
    {"approvals submit", "send a signed statement from a file",
     DeclareApprovalsSubmit},
    {"fwu create", "metadata of a device's banks", DeclareFwuCreate},
    {"fwu show", "metadata, release or verdict in words", DeclareFwuShow},
    {"fwu check", "who reads metadata; a bundle, proven", DeclareFwuCheck},
    {"fwu bundle", "a release of images as one signed file", DeclareFwuBundle},
    {"fwu layout create", "a flash or disk image that its bootloader boots",
     DeclareFwuLayoutCreate},
    {"fwu layout check", "what a bootloader does with a flash, and why not",
     DeclareFwuLayoutCheck},
    {"fwu accept", "signed word that devices keep a release on trial",
     DeclareFwuAccept},
    {"fwu reject", "signed word that they give it up", DeclareFwuReject},
    {"capsule create", "a firmware as a signed capsule", DeclareCapsuleCreate},
    {"capsule accept", "keep what is on trial; not signed",
     DeclareCapsuleAccept},
    {"capsule revert", "undo what is on trial; not signed",
     DeclareCapsuleRevert},
    {"capsule show", "a capsule in words", DeclareCapsuleShow},
    {"capsule check", "a capsule, proven: exit 0 or 1", DeclareCapsuleCheck},
    {"fip create", "a package of images, as fiptool makes it",
     DeclareFipCreate},
    {"fip update", "put images into a package", DeclareFipUpdate},
    {"fip remove", "take images out of a package", DeclareFipRemove},
    {"fip info", "what is in a package", DeclareFipInfo},
    {"fip unpack", "the images of a package as files", DeclareFipUnpack},
    {"fip check", "whether a device starts it, rule by rule", DeclareFipCheck},
    {"stm32 header", "put a header before a first stage", DeclareStm32Header},
    {"stm32 show", "a first stage's header in words", DeclareStm32Show},
    {"stm32 rom-check", "the boot ROM's decision: exit 0 or 1",
     DeclareStm32RomCheck},
    {"stm32 otp", "the words that are fused for a key", DeclareStm32Otp},
    {"audit list", "search the entries; `bootseal audit verify` proves them",
     DeclareAuditList},
    {"audit show", "one entry, proven, with its approvals", DeclareAuditShow},
    {"audit tail", "follow new entries", DeclareAuditTail},
    {"audit verify", "prove that nothing was changed or left out",
     DeclareAuditVerify},
    {"audit export", "the log as files", DeclareAuditExport},
    {"audit witness", "cosign checkpoints, and never a fork",
     DeclareAuditWitness},
    {"policy check", "every problem of a policy file", DeclarePolicyCheck},
    {"policy explain", "what the server, or a policy file, would say",
     DeclarePolicyExplain},
    {"policy test", "a table of expectations against a policy file",
     DeclarePolicyTest},
    {"login", "store who you are, for later commands", DeclareLogin},
    {"logout", "remove what login stored", DeclareLogout},
    {"console", "a page to review in, on this machine", DeclareConsole},
    {"version", "which build this is", DeclareVersion},
});

struct Choice {
  CLI::App* app;
  Action action;
};

void DeclareGlobals(CLI::App& app, Flags& flags, bool& json) {
  app.add_option("--server", flags.settings.server,
                 "host:port; several with commas, or several times")
      ->join(',')
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
  app.add_option("--token-file", flags.settings.token_file,
                 "file with a CI job's ID token, read for each call")
      ->check(NotEmpty());
  app.add_option("--token-audience", flags.settings.token_audience,
                 "in GitHub Actions: fetch an ID token for this audience")
      ->check(PlainText());
  app.add_option("--config", flags.config, "settings file")->check(NotEmpty());
  app.add_flag("--json", json, "results and errors as JSON");
  app.set_version_flag("--version", "", "which build this is");
}

// The group of "fwu layout check" is "fwu layout".
CLI::App* ParentOf(CLI::App& app, const std::vector<std::string>& words) {
  CLI::App* parent = &app;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    parent = parent->get_subcommand(words[i]);
  }
  return parent;
}

CLI::App* AddSubcommand(CLI::App& app, absl::string_view name,
                        const char* description) {
  const std::vector<std::string> words = absl::StrSplit(name, ' ');
  return ParentOf(app, words)->add_subcommand(words.back(), description);
}

std::vector<Choice> DeclareCommands(CLI::App& app) {
  for (const Group& group : kGroups) {
    AddSubcommand(app, group.name, group.description)
        ->require_subcommand(1)
        ->fallthrough()
        ->footer(kFooter);
  }
  std::vector<Choice> choices;
  for (const Command& command : kCommands) {
    CLI::App* const child =
        AddSubcommand(app, command.name, command.description);
    child->fallthrough()->footer(kFooter);
    choices.push_back({child, command.declare(*child)});
  }
  return choices;
}

constexpr char kName[] = "bootseal";
constexpr char kWords[] =
    "Bootseal signs firmware with keys that never leave an HSM.";

std::vector<Choice> Declare(CLI::App& app, Flags& flags, bool& json) {
  app.require_subcommand(1);
  app.footer(kFooter);
  app.option_defaults()->always_capture_default();
  DeclareGlobals(app, flags, json);
  return DeclareCommands(app);
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

ExitStatus Run(const Action& action, Context& context) {
  const absl::StatusOr<ExitStatus> exit = action(context);
  if (!exit.ok()) return Report(exit.status(), context.format());
  return Delivered(*exit, context.format());
}

ExitStatus Run(const std::vector<Choice>& choices, Context& context) {
  for (const Choice& choice : choices) {
    if (choice.app->parsed()) return Run(choice.action, context);
  }
  return Report(UsageError("NO_COMMAND", "no command"), context.format());
}

Format FormatAskedFor(const std::vector<std::string>& arguments) {
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") !=
                    arguments.end();
  return json ? Format::kJson : Format::kText;
}

}  // namespace

ExitStatus RunCommandLine(const std::vector<std::string>& given) {
  RememberCommandLine(given);
  const std::vector<std::string> arguments = WithProgramName(given);
  QuietLibraries();
  CLI::App app(kWords, kName);
  Flags flags;
  bool json = false;
  const std::vector<Choice> choices = Declare(app, flags, json);
  const Format format = FormatAskedFor(arguments);
  const base::SystemClock clock;
  UseVoice(format);
  try {
    app.parse(Reversed(arguments));
  } catch (const CLI::CallForVersion&) {
    Context context(flags, format, clock);
    return Run(PrintVersion, context);
  } catch (const CLI::Success& help) {
    return PrintHelp(app, help);
  } catch (const CLI::ParseError& error) {  // the library reports by exception
    return Report(UsageError("USAGE", UsageProblem(app, arguments, error)),
                  format);
  }
  Context context(flags, json ? Format::kJson : Format::kText, clock);
  UseVoice(context.format());
  return Run(choices, context);
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  CLI::App app(kWords, kName);
  Flags flags;
  bool json = false;
  const std::vector<Choice> choices = Declare(app, flags, json);
  read(app);
}

}  // namespace bootseal::cli

#include "client/imgtool/commands.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"
#include "client/imgtool/dumpinfo.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/sign.h"
#include "client/imgtool/verify.h"

namespace bootseal::imgtool {
namespace {

constexpr char kName[] = "imgtool";
constexpr char kWords[] = "imgtool's command line, as Bootseal understands it.";

// Build systems ask, and compare.
constexpr char kImitatedVersion[] = "2.4.0";

Action DeclareVersion(CLI::App&) {
  return [] {
    cli::PrintResult(absl::StrCat(kImitatedVersion, "\n"));
    return absl::OkStatus();
  };
}

struct Command {
  const char* name;
  const char* description;
  Action (*declare)(CLI::App& app, const Server& server);
};

// Of a command that needs no server.
template <Action (*kDeclare)(CLI::App&)>
Action Local(CLI::App& app, const Server&) {
  return kDeclare(app);
}

constexpr std::array<Command, 10> kCommands{{
    {"sign", "make a signed image of a build's output", DeclareSign},
    {"create", "the same as sign", DeclareSign},
    {"verify", "check hash and signature of an image", DeclareVerify},
    {"dumpinfo", "show header, TLVs and trailer of an image",
     Local<DeclareDumpinfo>},
    {"keygen", "make a key pair for development", Local<DeclareKeygen>},
    {"getpub", "print the public key, for a build", DeclareGetpub},
    {"getpubhash", "print the hash of the public key", DeclareGetpubhash},
    {"getpriv", "print the private key, for a device that decrypts",
     Local<DeclareGetpriv>},
    {"keyinfo", "say whether a file holds a private or a public key",
     DeclareKeyinfo},
    {"version", "print the version of imgtool that this stands for",
     Local<DeclareVersion>},
}};

struct Choice {
  CLI::App* app;
  Action action;
};

// Of options that are given twice, the last counts.
void TakeLast(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    const bool holds_one =
        !option->get_positional() && option->get_items_expected_max() == 1;
    if (holds_one) {
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
}

std::vector<Choice> DeclareCommands(CLI::App& app, const Server& server) {
  std::vector<Choice> choices;
  for (const Command& command : kCommands) {
    CLI::App* const child =
        app.add_subcommand(command.name, command.description);
    choices.push_back({child, command.declare(*child, server)});
    TakeLast(*child);
  }
  return choices;
}

absl::Status PrintHelp(const CLI::App& app, const CLI::ParseError& help) {
  std::ostringstream text;
  app.exit(help, text, text);
  cli::PrintResult(text.str());
  return cli::ResultsWritten();
}

absl::Status UsageError(std::string what) {
  what.front() = absl::ascii_tolower(static_cast<unsigned char>(what.front()));
  return cli::UsageError("USAGE", absl::StrCat(what, "; see imgtool --help"));
}

bool IsFlag(const CLI::App& app, const std::string& name) {
  const CLI::Option* const option = app.get_option_no_throw(name);
  return option != nullptr && option->get_items_expected_max() == 0;
}

// What CLI11 takes otherwise than it is written: "--pad=false" as no --pad, and
// the next word for the value of "--name=".
absl::Status CheckEqualSigns(const CLI::App& app,
                             const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments) {
    if (word == "--") break;
    const std::size_t sign = word.find('=');
    if (!absl::StartsWith(word, "--") || sign == std::string::npos) continue;
    const std::string name = word.substr(0, sign);
    if (app.get_option_no_throw(name) == nullptr) continue;
    if (IsFlag(app, name)) {
      return UsageError(absl::StrCat("option ", name,
                                     " takes no value, and gets one with ",
                                     cli::Printable(word)));
    }
    if (sign + 1 == word.size()) {
      return UsageError(absl::StrCat(
          "option ", name, " is empty; give a value or leave it out"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckWords(const std::vector<Choice>& choices,
                        const std::vector<std::string>& arguments) {
  for (const Choice& choice : choices) {
    if (arguments.empty() || choice.app->get_name() != arguments.front()) {
      continue;
    }
    return CheckEqualSigns(*choice.app, arguments);
  }
  return absl::OkStatus();
}

absl::Status RunChosen(const std::vector<Choice>& choices) {
  for (const Choice& choice : choices) {
    if (!choice.app->parsed()) continue;
    RETURN_IF_ERROR(choice.action());
    return cli::ResultsWritten();
  }
  return UsageError("no command");
}

}  // namespace

absl::Status Run(const std::vector<std::string>& arguments,
                 const Server& server) {
  CLI::App app(kWords, kName);
  app.require_subcommand(1);
  const std::vector<Choice> choices = DeclareCommands(app, server);
  RETURN_IF_ERROR(CheckWords(choices, arguments));
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp& help) {
    return PrintHelp(app, help);
  } catch (const CLI::CallForAllHelp& help) {
    return PrintHelp(app, help);
  } catch (const CLI::ParseError& error) {  // the library reports by exception
    return UsageError(error.what());
  }
  return RunChosen(choices);
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  CLI::App app(kWords, kName);
  const Server none;
  const std::vector<Choice> choices = DeclareCommands(app, none);
  read(app);
}

int ExitStatusOf(const absl::Status& status) {
  if (status.ok()) return 0;
  const bool about_file =
      cli::ExitStatusOf(status) == cli::ExitStatus::kLocalFile;
  return absl::IsInvalidArgument(status) && !about_file ? 2 : 1;
}

}  // namespace bootseal::imgtool

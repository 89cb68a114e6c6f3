#include "client/tfm/wrapper.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/server_key.h"
#include "client/imgtool/sign.h"
#include "client/tfm/arguments.h"

namespace bootseal::tfm {
namespace {

using imgtool::ServerKey;
using imgtool::SignArguments;
using imgtool::SignOptions;

constexpr char kName[] = "tfm-wrapper";
constexpr char kWords[] =
    "TF-M's mcuboot_imagesign_wrapper, as Bootseal understands it.";

absl::Status UsageError(std::string what) {
  what.front() = absl::ascii_tolower(static_cast<unsigned char>(what.front()));
  return cli::UsageError("USAGE", absl::StrCat(what,
                                               "; see bootseal tfm-wrapper "
                                               "--help"));
}

absl::Status PrintHelp(const CLI::App& app, const CLI::ParseError& help) {
  std::ostringstream text;
  app.exit(help, text, text);
  cli::PrintResult(text.str());
  return cli::ResultsWritten();
}

// A target speaks of imgtool's options; the command line has others.
absl::Status Translated(const absl::Status& status,
                        const WrapperArguments& arguments) {
  if (base::ReasonOf(status) != "TARGET_CONTRADICTED") return status;
  const bool swaps = !arguments.sign.options.overwrite_only;
  return base::Annotate(
      status,
      absl::StrCat(
          "--slot-size, --load-addr and --rom-fixed are from layout ",
          arguments.layout,
          ", --boot-record from its name, --max-align from --align",
          swaps ? "; --align counts, as --overwrite-only is not given" : ""));
}

absl::Status SignOnServer(const CLI::App& app,
                          const WrapperArguments& arguments,
                          const SignArguments& read, const ServerKey& key,
                          const imgtool::SignOnServer& server) {
  if (!arguments.key_ids.empty()) {
    return base::Invalid(
        "KEY_ID_ON_SERVER", "--psa-key-ids",
        absl::StrCat("-k bootseal:", key.signer, " cannot have --psa-key-ids ",
                     arguments.key_ids.front(),
                     ": the server names keys by hash or in "
                     "full; build BL2 with "
                     "MCUBOOT_BUILTIN_KEY=OFF"));
  }
  ASSIGN_OR_RETURN(SignOptions options, imgtool::ReadForServer(read));
  options.imgtool_compatible = false;
  if (!server) {
    return base::Invalid("SERVER_SIGNING", "--key",
                         absl::StrCat("-k bootseal:", key.signer,
                                      ": this program reaches no server"));
  }
  return Translated(server({key.signer, key.public_key, std::move(options),
                            GivenOptions(app, read)}),
                    arguments);
}

absl::Status Sign(const CLI::App& app, const WrapperArguments& arguments,
                  const imgtool::SignOnServer& server) {
  ASSIGN_OR_RETURN(const SignArguments read, ReadWrapperArguments(arguments));
  ASSIGN_OR_RETURN(const auto key, imgtool::FindServerKey(read.options.key));
  if (key) return SignOnServer(app, arguments, read, *key, server);
  ASSIGN_OR_RETURN(const SignOptions options, imgtool::ReadSignArguments(read));
  return imgtool::Sign(options, imgtool::AskPassphrase);
}

}  // namespace

absl::Status Run(const std::vector<std::string>& arguments,
                 const imgtool::SignOnServer& server) {
  CLI::App app(kWords, kName);
  const auto read = DeclareWrapperArguments(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp& help) {
    return PrintHelp(app, help);
  } catch (const CLI::ParseError& error) {  // the library reports by exception
    return UsageError(error.what());
  }
  return Sign(app, *read, server);
}

void ReadDefinitions(const std::function<void(const CLI::App&)>& read) {
  CLI::App app(kWords, kName);
  const auto arguments = DeclareWrapperArguments(app);
  read(app);
}

}  // namespace bootseal::tfm

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/server_key.h"

namespace bootseal::imgtool {
namespace {

struct Options {
  std::string path;
  std::string required;
};

// Build systems run it: it must never wait for somebody.
absl::StatusOr<base::Secret> NoPassphrase() {
  return base::Invalid("PASSPHRASE_MISSING", "key",
                       "the key is encrypted, and keyinfo asks for no "
                       "passphrase; expected a key in the clear");
}

// The public half is what there is to hold, sign takes the key all the same.
std::string WhereText(const Options& options) {
  const auto on_server = FindServerKey(options.path);
  return on_server.ok() && *on_server
             ? ": the private half stays in the HSM, where sign uses it"
             : "";
}

absl::Status Keyinfo(const Options& options, const Server& server) {
  ASSIGN_OR_RETURN(const Key key, LoadKey(options.path, server, NoPassphrase));
  const std::string kind = key.is_private() ? "private" : "public";
  RETURN_IF_ERROR(Deliver("", absl::StrCat(kind, "\n")));
  if (options.required.empty() || options.required == kind) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "KEY_KIND", "require",
      absl::StrCat(options.path, " holds a ", kind, " key, expected a ",
                   options.required, " one", WhereText(options)));
}

}  // namespace

Action DeclareKeyinfo(CLI::App& app, const Server& server) {
  const auto options = std::make_shared<Options>();
  app.description("Print whether a PEM file holds a private or a public key.");
  AddKeyOption(app, options->path,
               "PEM file, or bootseal:TARGET for a key in the HSM");
  app.add_option("--require", options->required,
                 "private or public: end with status 2 for the other")
      ->check(CLI::IsMember({"private", "public"}))
      ->type_name("KIND");
  return [options, &server] { return Keyinfo(*options, server); };
}

}  // namespace bootseal::imgtool

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/key_commands.h"

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

absl::Status Keyinfo(const Options& options) {
  ASSIGN_OR_RETURN(const Key key, Key::Load(options.path, NoPassphrase));
  const std::string kind = key.is_private() ? "private" : "public";
  RETURN_IF_ERROR(Deliver("", absl::StrCat(kind, "\n")));
  if (options.required.empty() || options.required == kind) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "KEY_KIND", "require",
      absl::StrCat(options.path, " holds a ", kind, " key, expected a ",
                   options.required, " one"));
}

}  // namespace

Action DeclareKeyinfo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.description("Print whether a PEM file holds a private or a public key.");
  AddKeyOption(app, options->path, "PEM file");
  app.add_option("--require", options->required,
                 "private or public: end with status 2 for the other")
      ->check(CLI::IsMember({"private", "public"}))
      ->type_name("KIND");
  return [options] { return Keyinfo(*options); };
}

}  // namespace bootseal::imgtool

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/private_encoding.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/symbols.h"

namespace bootseal::imgtool {
namespace {

struct Options {
  std::string path;
  std::string format;
  bool minimal = false;
};

std::optional<PrivateFormat> FormatOf(const Options& options) {
  if (options.format.empty()) return std::nullopt;
  return options.format == "openssl" ? PrivateFormat::kOpenssl
                                     : PrivateFormat::kPkcs8;
}

absl::Status Getpriv(const Options& options) {
  RETURN_IF_ERROR(CheckInFile(
      options.path,
      "a device decrypts with a key of its own: make one with keygen -t x25519 "
      "or -t ecdsa-p256"));
  ASSIGN_OR_RETURN(const Key key, Key::Load(options.path, AskPassphrase));
  ASSIGN_OR_RETURN(const base::Secret der,
                   PrivateDer(key, FormatOf(options),
                              options.minimal ? PrivateContent::kMinimal
                                              : PrivateContent::kWhole));
  if (const absl::Status usable = CheckEncryption(key.kind(), {});
      !usable.ok()) {
    std::cerr << "imgtool: warning: " << usable.message() << "\n";
  }
  const base::Secret text(ToCSource("enc_priv_key", der.Reveal()));
  return Deliver("", text.Reveal());
}

}  // namespace

Action DeclareGetpriv(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.description(
      "Print a private key as a bootloader is built with it to decrypt images. "
      "Whoever has the bootloader has the key.");
  AddKeyOption(app, options->path, "PEM file with a private key");
  app.add_option(
         "-f,--format", options->format,
         "openssl (the default for RSA, and the only one) or pkcs8 (the "
         "default for the others, the only one for X25519)")
      ->check(CLI::IsMember({"openssl", "pkcs8"}))
      ->type_name("FORMAT");
  app.add_flag("--minimal", options->minimal,
               "only what decrypts: RSA without its CRT parameters, P-256 "
               "without its public key");
  return [options] { return Getpriv(*options); };
}

}  // namespace bootseal::imgtool

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/symbols.h"

namespace bootseal::imgtool {
namespace {

struct Options {
  std::string path;
  std::string output;
  std::string encoding;
  std::string language;
  std::string suffix;
};

std::string SymbolOf(const Key& key, const std::string& suffix) {
  return absl::StrCat(key.traits().symbol_stem, "_pub_key", suffix);
}

absl::StatusOr<std::string> EncodingOf(const Options& options) {
  if (!options.encoding.empty() && !options.language.empty()) {
    return base::Invalid("USAGE", "lang",
                         "--encoding and --lang exclude each other; leave the "
                         "older --lang out");
  }
  if (!options.encoding.empty()) return options.encoding;
  return absl::StrCat("lang-",
                      options.language.empty() ? "c" : options.language);
}

absl::Status CheckSuffixFits(const Options& options,
                             absl::string_view encoding) {
  if (options.suffix.empty() || (encoding != "pem" && encoding != "raw")) {
    return absl::OkStatus();
  }
  return base::Invalid("USAGE", "name-suffix",
                       absl::StrCat("--name-suffix with encoding ", encoding,
                                    ", which has no names; expected lang-c or "
                                    "lang-rust"));
}

absl::Status Getpub(const Options& options, const Server& server) {
  ASSIGN_OR_RETURN(const std::string encoding, EncodingOf(options));
  RETURN_IF_ERROR(CheckSuffixFits(options, encoding));
  ASSIGN_OR_RETURN(const Key key, LoadKey(options.path, server, AskPassphrase));
  const std::string symbol = SymbolOf(key, options.suffix);
  if (encoding == "pem") return Deliver(options.output, key.PublicPem());
  if (encoding == "raw") return Deliver(options.output, key.device_der());
  if (encoding == "lang-rust") {
    return Deliver(options.output, ToRustSource(absl::AsciiStrToUpper(symbol),
                                                key.device_der()));
  }
  return Deliver(options.output, ToCSource(symbol, key.device_der()));
}

}  // namespace

Action DeclareGetpub(CLI::App& app, const Server& server) {
  const auto options = std::make_shared<Options>();
  app.description("Print the public key as a bootloader is built with it.");
  AddKeyOption(
      app, options->path,
      "PEM file with a private or public key, or bootseal:TARGET for one in "
      "the HSM");
  AddOutputOption(app, options->output);
  app.add_option("-e,--encoding", options->encoding,
                 "lang-c (the default), lang-rust, pem, or raw: DER as the "
                 "device compares it")
      ->check(CLI::IsMember({"lang-c", "lang-rust", "pem", "raw"}))
      ->type_name("ENCODING");
  app.add_option("-l,--lang", options->language,
                 "c or rust; older name of --encoding")
      ->check(CLI::IsMember({"c", "rust"}))
      ->type_name("LANGUAGE");
  AddSuffixOption(app, options->suffix);
  return [options, &server] { return Getpub(*options, server); };
}

}  // namespace bootseal::imgtool

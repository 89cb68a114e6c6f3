#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/policy_line.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/public_key.h"

namespace bootseal::hsm::commands {
namespace {

struct ExportOptions {
  TokenChoice token;
  std::string label;
  std::string id;
  std::string format;
  std::string origin;
  std::string output;
};

using Encoded = absl::StatusOr<std::string>;

// The names that MCUboot's key tables use.
const char* ArrayName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRsa2048:
    case Algorithm::kRsa3072:
      return "rsa_pub_key";
    case Algorithm::kP256:
      return "ecdsa_pub_key";
    case Algorithm::kP384:
      return "ecdsap384_pub_key";
    case Algorithm::kEd25519:
      return "ed25519_pub_key";
    case Algorithm::kBrainpoolP256t1:
      return "brainpoolp256t1_pub_key";  // MCUboot has no such keys
  }
  return "";
}

Encoded Pem(const PublicKey& key, const ExportOptions&) { return key.Pem(); }

Encoded Der(const PublicKey& key, const ExportOptions&) {
  return key.device_der();
}

Encoded CArray(const PublicKey& key, const ExportOptions&) {
  const char* name = ArrayName(key.algorithm());
  std::string text = absl::StrCat("const unsigned char ", name, "[] = {");
  const std::string& der = key.device_der();
  for (std::size_t i = 0; i < der.size(); ++i) {
    absl::StrAppendFormat(&text, "%s0x%02x,", i % 8 == 0 ? "\n    " : " ",
                          static_cast<unsigned char>(der[i]));
  }
  return absl::StrCat(text, "\n};\nconst unsigned int ", name,
                      "_len = ", der.size(), ";\n");
}

Encoded Hash(const PublicKey& key, const ExportOptions&) {
  return absl::StrCat(
      absl::BytesToHexString(KeyHash(key.algorithm(), key.device_der())), "\n");
}

Encoded VerifierKey(const PublicKey& key, const ExportOptions& options) {
  ASSIGN_OR_RETURN(const std::string vkey, VerifierKeyOf(key, options.origin));
  return vkey + "\n";
}

struct Format {
  const char* name;
  Encoded (*encode)(const PublicKey&, const ExportOptions&);
};

constexpr Format kFormats[] = {
    {"pem", Pem},   {"der", Der},          {"c", CArray},
    {"hash", Hash}, {"vkey", VerifierKey},
};

absl::Status ExportPublic(const ExportOptions& options) {
  ASSIGN_OR_RETURN(const auto selector, SelectorOf(options.label, options.id));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(const auto key,
                   token->Run([&selector](const pkcs11::Session& session) {
                     return pkcs11::FindKey(session, selector);
                   }));
  for (const Format& format : kFormats) {
    if (options.format != format.name) continue;
    ASSIGN_OR_RETURN(const std::string content,
                     format.encode(*key.public_key, options));
    return Deliver(options.output, content);
  }
  return base::Invalid("UNKNOWN_FORMAT", "--format",
                       absl::StrCat("unknown format \"", options.format,
                                    "\", expected pem, der, c, hash or vkey"));
}

}  // namespace

void AddExportPublic(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "export-public",
      "the public half of a key, as devices and tools read it");
  const auto options = std::make_shared<ExportOptions>();
  AddTokenOptions(command, options->token);
  AddKeyOptions(command, options->label, options->id);
  command
      .add_option(
          "--format", options->format,
          "pem (SPKI); der (as the device compares it: PKCS#1 for RSA, "
          "SPKI otherwise); c (that DER as an array); hash (of that DER "
          "with the image's hash, hex); vkey (C2SP, for a log's key)")
      ->required()
      ->check(CLI::IsMember({"pem", "der", "c", "hash", "vkey"}));
  command.add_option("--origin", options->origin, "the log's name, for vkey");
  command.add_option("-o,--output", options->output,
                     "file to write; default: standard output");
  command.add_flag("--json")->description(
      "errors as JSON; the key is in the format asked for");
  command.callback([&action, options] {
    action = [options] { return ExportPublic(*options); };
  });
}

}  // namespace bootseal::hsm::commands

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/time/clock.h"
#include "base/status.h"
#include "hsm/certificate.h"
#include "hsm/commands/commands.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

constexpr int kTenYears = 3650;
constexpr int kMaxDays = 36500;

struct CertificateOptions {
  TokenChoice token;
  std::string label;
  std::string id;
  std::string name;
  int days = kTenYears;
  std::string output;
};

absl::Status MakeCertificate(const CertificateOptions& options) {
  ASSIGN_OR_RETURN(const auto selector, SelectorOf(options.label, options.id));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(const auto key,
                   token->Run([&selector](const pkcs11::Session& session) {
                     return pkcs11::FindKey(session, selector);
                   }));
  const absl::Time now = absl::Now();
  const auto sign = [&](absl::string_view digest) {
    return token->Run(
        [&](const pkcs11::Session& session) -> absl::StatusOr<std::string> {
          ASSIGN_OR_RETURN(const auto found,
                           pkcs11::FindKey(session, selector));
          return pkcs11::Sign(session, found.handle, *key.public_key, digest,
                              RsaPadding::kPkcs1);
        });
  };
  ASSIGN_OR_RETURN(const std::string pem,
                   SelfSignedCertificate(
                       *key.public_key,
                       {options.name.empty() ? key.info.label : options.name,
                        now, now + absl::Hours(24) * options.days},
                       sign));
  return Deliver(options.output, pem);
}

}  // namespace

void AddCertificate(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "certificate",
      "a self-signed certificate of an RSA key, for devices that verify UEFI "
      "capsules");
  const auto options = std::make_shared<CertificateOptions>();
  AddTokenOptions(command, options->token);
  AddKeyOptions(command, options->label, options->id);
  command.add_option("--name", options->name,
                     "its common name; default: the key's label");
  command
      .add_option("--days", options->days,
                  "for which it is valid; U-Boot does not look (default: 3650)")
      ->check(CLI::Range(1, kMaxDays));
  command.add_option("-o,--output", options->output,
                     "PEM file to write; default: standard output");
  command.add_flag("--json")->description(
      "errors as JSON; the certificate is PEM");
  command.callback([&action, options] {
    action = [options] { return MakeCertificate(*options); };
  });
}

}  // namespace bootseal::hsm::commands

#include <openssl/pem.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/report.h"
#include "hsm/label.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

constexpr std::size_t kMaxPemBytes = 65536;

struct ImportOptions {
  TokenChoice token;
  std::string label;
  std::string padding;
  std::string id;
  std::string file;
  Form form = Form::kText;
};

// An encrypted file is refused rather than asked about on a terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Status Unusable(const std::string& path, absl::string_view why) {
  ERR_clear_error();
  return base::FailField(absl::StatusCode::kFailedPrecondition, "FILE_CONTENT",
                         path, absl::StrCat(path, why));
}

// The token would take two halves that do not belong together, and every
// signature would be refused.
absl::Status CheckHalves(const std::string& path, EVP_PKEY* pair) {
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(pair, nullptr));
  if (context && EVP_PKEY_pairwise_check(context.get()) == 1) {
    return absl::OkStatus();
  }
  return Unusable(path,
                  " holds a private and a public half that do not belong "
                  "together; export the key anew from where it was made");
}

absl::StatusOr<base::EvpKeyPtr> ReadPair(const std::string& path) {
  RETURN_IF_ERROR(base::CheckPrivate(path));
  ASSIGN_OR_RETURN(std::string pem, base::ReadFile(path, kMaxPemBytes));
  base::EvpKeyPtr pair;
  {
    const base::BioPtr memory(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    pair.reset(
        PEM_read_bio_PrivateKey(memory.get(), nullptr, NoPassphrase, nullptr));
  }
  OPENSSL_cleanse(pem.data(), pem.size());
  if (!pair) {
    return Unusable(path,
                    " holds no unencrypted PEM private key; decrypt it with "
                    "openssl pkey first");
  }
  RETURN_IF_ERROR(CheckHalves(path, pair.get()));
  return pair;
}

absl::Status Import(const ImportOptions& options) {
  RETURN_IF_ERROR(CheckKeyLabel(options.label));
  pkcs11::NewKey key;
  key.label = options.label;
  key.padding = PaddingNamed(options.padding);
  ASSIGN_OR_RETURN(key.id, IdOrRandom(options.id));
  ASSIGN_OR_RETURN(base::EvpKeyPtr pair, ReadPair(options.file));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(const auto made,
                   token->Change([&key, &pair](const pkcs11::Session& session) {
                     return pkcs11::ImportKey(session, key, std::move(pair));
                   }));
  const std::string text = MadeText(made.info, *token, options.form);
  if (options.form == Form::kJson) return Deliver("", text);
  return Deliver(
      "", absl::StrCat(text,
                       "this key was not born in the token: it serves only "
                       "where the policy says accept_imported for it\n"));
}

}  // namespace

void AddImport(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand(
      "import", "put a private key from a PEM file into the token");
  const auto options = std::make_shared<ImportOptions>();
  AddTokenOptions(command, options->token);
  command.add_option("--label", options->label, "label of the key")->required();
  command.add_option("--id", options->id, "CKA_ID in hex; default: random");
  AddPaddingOption(command, options->padding);
  AddJsonFlag(command, options->form);
  command
      .add_option("file", options->file,
                  "unencrypted PEM private key, mode 0600")
      ->required();
  command.callback(
      [&action, options] { action = [options] { return Import(*options); }; });
}

}  // namespace bootseal::hsm::commands

#include <openssl/pem.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/input_file.h"
#include "base/openssl.h"
#include "base/status.h"
#include "hsm/commands/commands.h"
#include "hsm/commands/policy_line.h"
#include "hsm/commands/report.h"
#include "hsm/known_keys.h"
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
  std::string passphrase_file;
  bool accept_imported = false;
  Form form = Form::kText;
};

// What OpenSSL asks for; nothing is asked on a terminal.
struct Passphrase {
  base::Secret text;
  bool asked = false;
};

int GivePassphrase(char* buffer, int size, int, void* context) {
  Passphrase& passphrase = *static_cast<Passphrase*>(context);
  passphrase.asked = true;
  const absl::string_view text = passphrase.text.Reveal();
  if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), buffer);
  return static_cast<int>(text.size());
}

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

absl::Status Unreadable(const ImportOptions& options, bool encrypted) {
  if (!encrypted) {
    return Unusable(options.file, " holds no PEM private key");
  }
  return Unusable(options.file,
                  options.passphrase_file.empty()
                      ? " is encrypted; name the file that holds its "
                        "passphrase with --passphrase-file"
                      : " does not open with the passphrase of "
                        "--passphrase-file");
}

absl::StatusOr<base::EvpKeyPtr> ReadPair(const ImportOptions& options) {
  Passphrase passphrase;
  if (!options.passphrase_file.empty()) {
    ASSIGN_OR_RETURN(passphrase.text, ReadPin(options.passphrase_file));
  }
  ASSIGN_OR_RETURN(std::string pem,
                   base::ReadPrivateFile(options.file, kMaxPemBytes,
                                         base::Accepts::kAnything));
  base::EvpKeyPtr pair;
  {
    const base::BioPtr memory(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    pair.reset(PEM_read_bio_PrivateKey(memory.get(), nullptr, GivePassphrase,
                                       &passphrase));
  }
  OPENSSL_cleanse(pem.data(), pem.size());
  if (!pair) return Unreadable(options, passphrase.asked);
  RETURN_IF_ERROR(CheckHalves(options.file, pair.get()));
  return pair;
}

// What it means to let such a key serve; the file has been judged by then.
absl::Status CheckAccepted(const ImportOptions& options, EVP_PKEY* pair) {
  EVP_PKEY_up_ref(pair);
  ASSIGN_OR_RETURN(const PublicKey half,
                   PublicKey::FromKey(base::EvpKeyPtr(pair)));
  RETURN_IF_ERROR(CheckNotPubliclyKnown(half, {}));
  if (options.accept_imported) return absl::OkStatus();
  return base::Precondition(
      "IMPORT_NOT_ACCEPTED",
      absl::StrCat(
          "the key with public key hash ",
          absl::BytesToHexString(KeyHash(half.algorithm(), half.device_der())),
          " was born outside: wherever its file has been (disks, backups, "
          "build machines) a copy may still be, and whoever has one signs for "
          "every device that trusts the key; the token cannot show that it "
          "has the only one (CKA_LOCAL stays false); prefer a new key where "
          "devices can still be told, and otherwise say --accept-imported"));
}

// The pin, the hash that is in the devices, and what is left to do.
std::string Told(const KeyInfo& key, const Token& token,
                 const std::string& file) {
  return absl::StrCat(
      "public key hash ",
      absl::BytesToHexString(KeyHash(key.algorithm, key.public_key)),
      "  (compare it with what the devices have fused)\n",
      PolicyLine(token, key, "firmware"),
      "\nthis key was not born in the token: it serves only where the policy "
      "says accept_imported for it\ndestroy ",
      file, " and every copy of it once the token is backed up\n");
}

absl::Status Import(const ImportOptions& options) {
  RETURN_IF_ERROR(CheckKeyLabel(options.label));
  pkcs11::NewKey key;
  key.label = options.label;
  key.padding = PaddingNamed(options.padding);
  ASSIGN_OR_RETURN(key.id, IdOrRandom(options.id));
  ASSIGN_OR_RETURN(base::EvpKeyPtr pair, ReadPair(options));
  RETURN_IF_ERROR(CheckAccepted(options, pair.get()));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  ASSIGN_OR_RETURN(const auto made,
                   token->Change([&key, &pair](const pkcs11::Session& session) {
                     return pkcs11::ImportKey(session, key, std::move(pair));
                   }));
  const std::string text = MadeText(made.info, *token, options.form);
  if (options.form == Form::kJson) return Deliver("", text);
  return Deliver("", absl::StrCat(text, Told(made.info, *token, options.file)));
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
  command.add_option("--passphrase-file", options->passphrase_file,
                     "file with the passphrase of an encrypted key, mode 0600");
  command.add_flag("--accept-imported", options->accept_imported,
                   "the risk of a key that was born outside is known; without "
                   "it the command says what it is, and imports nothing");
  AddJsonFlag(command, options->form);
  command.add_option("file", options->file, "PEM private key, mode 0600")
      ->required();
  command.callback(
      [&action, options] { action = [options] { return Import(*options); }; });
}

}  // namespace bootseal::hsm::commands

#include "client/witness/cosigner.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/input_file.h"
#include "base/openssl.h"
#include "base/secret.h"
#include "base/status.h"
#include "hsm/pin_source.h"
#include "hsm/signer.h"

namespace bootseal::witness {
namespace {

constexpr std::size_t kMaxPemBytes = 64 << 10;
constexpr std::size_t kMaxPinBytes = 256;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

// A terminal is not asked: a witness starts unattended.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::StatusOr<std::shared_ptr<EVP_PKEY>> ReadPem(const std::string& path) {
  ASSIGN_OR_RETURN(const base::InputFile file,
                   base::InputFile::Open(path, base::Accepts::kRegularFile));
  RETURN_IF_ERROR(file.CheckPrivateKey());
  ASSIGN_OR_RETURN(std::string text, file.Read(kMaxPemBytes));
  const base::Secret pem(std::move(text));
  const base::BioPtr in(BIO_new_mem_buf(pem.Reveal().data(),
                                        static_cast<int>(pem.Reveal().size())));
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, NoPassphrase, nullptr),
      EVP_PKEY_free);
  const std::string errors = base::DrainOpenSslErrors();
  if (key && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519) return key;
  return base::Precondition(
      "KEY_TYPE",
      absl::StrCat(path, " holds no unencrypted Ed25519 private key in PEM",
                   key ? "" : ": ", key ? "" : errors,
                   "; openssl genpkey -algorithm ed25519 makes one"));
}

absl::StatusOr<std::string> RawPublicKey(EVP_PKEY* key) {
  std::string raw(kKeyBytes, '\0');
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(
          key, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1 &&
      size == kKeyBytes) {
    return raw;
  }
  return base::Internal(
      absl::StrCat("no public half: ", base::DrainOpenSslErrors()));
}

absl::StatusOr<std::string> SignWith(EVP_PKEY* key, absl::string_view message) {
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
      EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()),
                     message.size()) == 1 &&
      size == kSignatureBytes) {
    return signature;
  }
  return base::Internal(
      absl::StrCat("cannot sign: ", base::DrainOpenSslErrors()));
}

absl::StatusOr<base::Secret> ReadPin(const std::string& path) {
  if (path.empty()) {
    return base::Fail(absl::StatusCode::kInvalidArgument, "PIN_MISSING",
                      "a key in a token needs its PIN; give --pin-file");
  }
  ASSIGN_OR_RETURN(
      std::string pin,
      base::ReadPrivateFile(path, kMaxPinBytes, base::Accepts::kRegularFile));
  pin.erase(std::min(pin.find_first_of("\r\n"), pin.size()));
  return base::Secret(std::move(pin));
}

}  // namespace

absl::StatusOr<Cosigner> Cosigner::Open(const CosignerOptions& options) {
  return absl::StartsWith(options.key, "pkcs11:") ? FromToken(options)
                                                  : FromFile(options);
}

absl::StatusOr<Cosigner> Cosigner::FromFile(const CosignerOptions& options) {
  ASSIGN_OR_RETURN(const std::shared_ptr<EVP_PKEY> pair, ReadPem(options.key));
  ASSIGN_OR_RETURN(const std::string raw, RawPublicKey(pair.get()));
  ASSIGN_OR_RETURN(auto key, image::host::CosignerKey::Make(options.name, raw));
  return Cosigner(std::move(key), [pair](absl::string_view message) {
    return SignWith(pair.get(), message);
  });
}

absl::StatusOr<Cosigner> Cosigner::FromToken(const CosignerOptions& options) {
  hsm::TokenOptions token_options;
  token_options.uri = options.key;
  token_options.max_sessions = 2;
  ASSIGN_OR_RETURN(token_options.pin, ReadPin(options.pin_path));
  auto token = hsm::OpenToken(std::move(token_options));
  if (!token.ok()) return hsm::WithPinSource(token.status(), options.pin_path);
  hsm::KeySpec spec;
  spec.name = options.name;
  spec.uri = options.key;
  spec.algorithm = hsm::Algorithm::kEd25519;
  spec.purpose = hsm::Purpose::kCosignature;
  ASSIGN_OR_RETURN(auto opened,
                   hsm::CosignatureSigner::Open(*std::move(token), spec));
  const std::shared_ptr<hsm::CosignatureSigner> signer = std::move(opened);
  ASSIGN_OR_RETURN(auto key, image::host::CosignerKey::Make(
                                 options.name, signer->public_key()));
  return Cosigner(std::move(key), [signer](absl::string_view message) {
    return signer->SignCosignature(message);
  });
}

absl::StatusOr<std::string> Cosigner::Cosign(std::uint64_t unix_seconds,
                                             absl::string_view text) const {
  ASSIGN_OR_RETURN(const std::string signature,
                   sign_(image::host::CosignatureMessage(unix_seconds, text)));
  return image::host::CosignatureLine(key_, unix_seconds, signature);
}

}  // namespace bootseal::witness

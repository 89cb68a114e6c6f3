#include "client/imgtool/key.h"

#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::imgtool {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{1024} * 1024;
constexpr absl::string_view kServerKeyPrefix = "bootseal:";  // server_key.h

using DecoderContextPtr =
    base::OpenSslPtr<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL's callback cannot return a status: it is kept here.
struct PassphraseCall {
  const Key::Passphrase& ask;
  bool asked = false;
  absl::Status status = absl::OkStatus();
};

int GivePassphrase(char* buffer, int size, int /*write*/, void* context) {
  auto& call = *static_cast<PassphraseCall*>(context);
  call.asked = true;
  absl::StatusOr<base::Secret> passphrase = call.ask();
  call.status = passphrase.status();
  if (!passphrase.ok()) return -1;
  const absl::string_view text = passphrase->Reveal();
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

base::EvpKeyPtr ParsePrivate(absl::string_view pem, PassphraseCall& call) {
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return base::EvpKeyPtr(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, GivePassphrase, &call));
}

// Unlike PEM_read_bio_PUBKEY it knows "RSA PUBLIC KEY" too.
base::EvpKeyPtr ParsePublic(absl::string_view pem) {
  EVP_PKEY* key = nullptr;
  const DecoderContextPtr decoder(OSSL_DECODER_CTX_new_for_pkey(
      &key, "PEM", nullptr, nullptr, EVP_PKEY_PUBLIC_KEY, nullptr, nullptr));
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (decoder) OSSL_DECODER_from_bio(decoder.get(), bio.get());
  return base::EvpKeyPtr(key);
}

absl::Status UnknownType(absl::string_view what) {
  return base::Precondition(
      "KEY_TYPE", absl::StrCat("the key is ", what,
                               ", expected RSA of 2048 or 3072 bits, P-256, "
                               "P-384, Ed25519 or X25519"));
}

absl::StatusOr<KeyKind> KindOf(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return KeyKind::kEd25519;
  if (EVP_PKEY_is_a(key, "X25519")) return KeyKind::kX25519;
  if (EVP_PKEY_is_a(key, "RSA")) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits == 2048) return KeyKind::kRsa2048;
    if (bits == 3072) return KeyKind::kRsa3072;
    return UnknownType(absl::StrCat("RSA of ", bits, " bits"));
  }
  if (EVP_PKEY_is_a(key, "EC")) {
    char group[64] = "";
    EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr);
    if (absl::string_view(group) == "prime256v1") return KeyKind::kP256;
    if (absl::string_view(group) == "secp384r1") return KeyKind::kP384;
    return UnknownType(absl::StrCat("on curve \"", group, "\""));
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  return UnknownType(absl::StrCat("of type ", name ? name : "unknown"));
}

bool IsRsa(KeyKind kind) {
  return kind == KeyKind::kRsa2048 || kind == KeyKind::kRsa3072;
}

bool IsEc(KeyKind kind) {
  return kind == KeyKind::kP256 || kind == KeyKind::kP384;
}

// Devices compare one encoding, whatever the file was written in.
bool SetDeviceEncoding(EVP_PKEY* key) {
  return EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
                                        OSSL_PKEY_EC_ENCODING_GROUP) == 1 &&
         EVP_PKEY_set_utf8_string_param(
             key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
             OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 1;
}

std::string DeviceDer(const EVP_PKEY* key, KeyKind kind) {
  unsigned char* der = nullptr;
  const int size =
      IsRsa(kind) ? i2d_PublicKey(key, &der) : i2d_PUBKEY(key, &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

EVP_PKEY* NewKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::kRsa2048:
      return EVP_RSA_gen(2048);
    case KeyKind::kRsa3072:
      return EVP_RSA_gen(3072);
    case KeyKind::kP256:
      return EVP_EC_gen("P-256");
    case KeyKind::kP384:
      return EVP_EC_gen("P-384");
    case KeyKind::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyKind::kX25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
  }
  return nullptr;
}

bool PreparePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

struct Scheme {
  const EVP_MD* hash;  // null: the message itself (Ed25519)
  bool pss;
};

absl::StatusOr<std::string> SignMessage(EVP_PKEY* key, const Scheme& scheme,
                                        absl::string_view message) {
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), &parameters, scheme.hash, nullptr,
                         key) != 1 ||
      (scheme.pss && !PreparePss(parameters)) ||
      EVP_DigestSign(context.get(), nullptr, &size, Bytes(message),
                     message.size()) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(),
                     reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Bytes(message), message.size()) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  signature.resize(size);
  return signature;
}

bool Verifies(EVP_PKEY* key, const Scheme& scheme, absl::string_view message,
              absl::string_view signature) {
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const bool verified =
      context &&
      EVP_DigestVerifyInit(context.get(), &parameters, scheme.hash, nullptr,
                           key) == 1 &&
      (!scheme.pss || PreparePss(parameters)) &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                       Bytes(message), message.size()) == 1;
  if (!verified) ERR_clear_error();
  return verified;
}

// A file whose two halves do not belong together signs in vain.
absl::StatusOr<std::string> SignAndVerify(EVP_PKEY* key, const Scheme& scheme,
                                          absl::string_view message) {
  ASSIGN_OR_RETURN(std::string signature, SignMessage(key, scheme, message));
  if (Verifies(key, scheme, message, signature)) return signature;
  return base::Precondition(
      "KEY_INVALID",
      "the key's own signature does not verify: its public half is not that of "
      "its private half");
}

absl::Status CheckSigns(const Key& key) {
  if (key.traits().signing == nullptr) {
    return base::Precondition(
        "KEY_CANNOT_SIGN",
        absl::StrCat("a key of type ", key.traits().name,
                     " agrees on keys and cannot sign, expected rsa-2048, "
                     "rsa-3072, ecdsa-p256, ecdsa-p384 or ed25519"));
  }
  if (key.is_private()) return absl::OkStatus();
  return base::Precondition(
      "KEY_NOT_PRIVATE",
      "the file holds a public key, expected a private one to sign with");
}

absl::Status CheckHash(const Key& key, image::HashAlgorithm hash) {
  const bool longer_edwards =
      key.kind() == KeyKind::kEd25519 && hash == image::HashAlgorithm::kSha512;
  if (hash == key.traits().hash || longer_edwards) return absl::OkStatus();
  return base::Invalid(
      "HASH_NOT_ALLOWED", "sha",
      absl::StrCat("SHA-", 8 * image::HashSize(hash), " with a key of type ",
                   key.traits().name, ", expected SHA-",
                   8 * image::HashSize(key.traits().hash),
                   key.kind() == KeyKind::kEd25519 ? " or SHA-512" : ""));
}

}  // namespace

const KeyTraits& TraitsOf(KeyKind kind) {
  return *std::find_if(
      kKeyKinds.begin(), kKeyKinds.end(),
      [kind](const KeyTraits& traits) { return traits.kind == kind; });
}

Key::Key(base::EvpKeyPtr key, KeyKind kind, bool is_private)
    : key_(std::move(key)),
      kind_(kind),
      is_private_(is_private),
      device_der_(DeviceDer(key_.get(), kind)) {}

absl::StatusOr<Key> Key::FromKey(base::EvpKeyPtr key, bool is_private) {
  ASSIGN_OR_RETURN(const KeyKind kind, KindOf(key.get()));
  if (IsEc(kind) && !SetDeviceEncoding(key.get())) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  return Key(std::move(key), kind, is_private);
}

absl::StatusOr<Key> Key::Parse(absl::string_view pem,
                               const Passphrase& passphrase) {
  PassphraseCall call{passphrase};
  base::EvpKeyPtr key = ParsePrivate(pem, call);
  const bool is_private = key != nullptr;
  base::DrainOpenSslErrors();
  if (!call.status.ok()) return call.status;
  if (call.asked && !is_private) {
    return base::Precondition("PASSPHRASE_WRONG",
                              "the passphrase does not open the key");
  }
  if (!key) key = ParsePublic(pem);
  base::DrainOpenSslErrors();
  if (!key) {
    return base::Precondition(
        "KEY_INVALID",
        absl::StrCat(
            "no key",
            absl::StartsWith(pem, "\x30")
                ? ", it looks like DER, expected PEM (openssl pkey -inform DER)"
                : ", expected PEM with a private or a public key"));
  }
  return FromKey(std::move(key), is_private);
}

absl::StatusOr<Key> Key::Load(const std::string& path,
                              const Passphrase& passphrase) {
  ASSIGN_OR_RETURN(std::string content, base::ReadFile(path, kMaxPemBytes));
  const base::Secret pem(std::move(content));
  absl::StatusOr<Key> key = Parse(pem.Reveal(), passphrase);
  if (key.ok()) return key;
  if (absl::StartsWith(pem.Reveal(), kServerKeyPrefix)) {
    return base::Precondition(
        "KEY_INVALID",
        absl::StrCat(path,
                     " names a key of the server and does not hold its public "
                     "half; add what bootseal keys show NAME --format pem "
                     "prints"));
  }
  return base::Annotate(key.status(), path);
}

absl::StatusOr<Key> Key::Generate(KeyKind kind) {
  base::EvpKeyPtr key(NewKey(kind));
  if (!key) return base::Internal(base::DrainOpenSslErrors());
  return FromKey(std::move(key), true);
}

std::string Key::Hash(image::HashAlgorithm hash) const {
  return image::host::ToString(
      image::HashOf(hash, image::host::AsBytes(device_der_)).bytes());
}

std::string Key::PublicPem() const {
  const base::BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(memory.get(), key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

absl::StatusOr<std::string> Key::SignRange(absl::string_view range,
                                           image::HashAlgorithm hash) const {
  RETURN_IF_ERROR(CheckSigns(*this));
  RETURN_IF_ERROR(CheckHash(*this, hash));
  if (kind_ == KeyKind::kEd25519) {
    const std::string digest = image::host::ToString(
        image::HashOf(hash, image::host::AsBytes(range)).bytes());
    return SignAndVerify(key_.get(), {nullptr, false}, digest);
  }
  const EVP_MD* md =
      hash == image::HashAlgorithm::kSha384 ? EVP_sha384() : EVP_sha256();
  return SignAndVerify(key_.get(), {md, IsRsa(kind_)}, range);
}

absl::StatusOr<std::string> Key::SignPure(absl::string_view range) const {
  if (kind_ != KeyKind::kEd25519) {
    return base::Precondition(
        "KEY_CANNOT_SIGN",
        absl::StrCat("a key of type ", traits().name,
                     " cannot sign an image itself, expected ed25519"));
  }
  RETURN_IF_ERROR(CheckSigns(*this));
  return SignAndVerify(key_.get(), {nullptr, false}, range);
}

}  // namespace bootseal::imgtool

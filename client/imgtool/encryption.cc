#include "client/imgtool/encryption.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/openssl.h"
#include "base/secret.h"
#include "base/status.h"
#include "client/imgtool/aes.h"
#include "client/imgtool/ecies.h"

namespace bootseal::imgtool {
namespace {

constexpr std::size_t kOaepBytes = 256;
constexpr std::size_t kWrapBytes = 8;

constexpr std::array<Scheme, 4> kSchemes{{
    {enc_tlv::kRsa2048, KeyKind::kRsa2048, HmacHash::kSha256},
    {enc_tlv::kEcP256, KeyKind::kP256, HmacHash::kSha256},
    {enc_tlv::kX25519, KeyKind::kX25519, HmacHash::kSha256},
    {enc_tlv::kX25519Sha512, KeyKind::kX25519, HmacHash::kSha512},
}};

const Scheme* SchemeFor(KeyKind device_key, HmacHash hmac) {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.device_key == device_key && scheme.hmac == hmac) return &scheme;
  }
  return nullptr;
}

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

bool IsKeySize(std::size_t bytes) { return bytes == 16 || bytes == 32; }

absl::Status CheckKeyBits(const EncryptionOptions& options) {
  if (options.key_bits == 128 || options.key_bits == 256) {
    return absl::OkStatus();
  }
  return base::Invalid("KEY_BITS", "encrypt-keylen",
                       absl::StrCat("a content key of ", options.key_bits,
                                    " bits, expected 128 or 256"));
}

absl::Status BadTlv(absl::string_view what) {
  return base::Invalid("ENCRYPTION_TLV", "image", what);
}

absl::StatusOr<base::Secret> NewContentKey(const EncryptionOptions& options) {
  std::string key(options.key_bits / 8, '\0');
  if (RAND_priv_bytes(Bytes(key), static_cast<int>(key.size())) == 1) {
    return base::Secret(std::move(key));
  }
  return base::Internal(base::DrainOpenSslErrors());
}

using CryptInit = int (*)(EVP_PKEY_CTX*);

base::EvpKeyContextPtr OaepContext(EVP_PKEY* key, CryptInit init) {
  base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  if (context && init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) > 0 &&
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) > 0 &&
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) > 0) {
    return context;
  }
  return {};
}

absl::StatusOr<std::string> OaepWrap(const Key& device_key,
                                     const base::Secret& content_key) {
  const base::EvpKeyContextPtr context =
      OaepContext(device_key.get(), EVP_PKEY_encrypt_init);
  const absl::string_view plain = content_key.Reveal();
  std::string value(kOaepBytes, '\0');
  std::size_t size = value.size();
  if (!context || EVP_PKEY_encrypt(context.get(), Bytes(value), &size,
                                   Bytes(plain), plain.size()) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  return value;
}

absl::StatusOr<base::Secret> OaepUnwrap(const Key& device_key,
                                        absl::string_view value) {
  const base::EvpKeyContextPtr context =
      OaepContext(device_key.get(), EVP_PKEY_decrypt_init);
  if (!context) return base::Internal(base::DrainOpenSslErrors());
  std::string plain(kOaepBytes, '\0');
  std::size_t size = plain.size();
  const bool opened = EVP_PKEY_decrypt(context.get(), Bytes(plain), &size,
                                       Bytes(value), value.size()) == 1;
  base::DrainOpenSslErrors();
  if (!opened || !IsKeySize(size)) {
    return base::Precondition(
        "DECRYPTION_FAILED",
        "the content key is encrypted to another key, or was changed");
  }
  plain.resize(size);
  return base::Secret(std::move(plain));
}

absl::StatusOr<std::string> WrapFor(const Key& device_key, const Scheme& scheme,
                                    const base::Secret& content_key) {
  if (scheme.tlv == enc_tlv::kRsa2048) return OaepWrap(device_key, content_key);
  return EciesWrap(device_key, scheme.hmac, content_key);
}

absl::StatusOr<const Scheme*> SchemeOf(const Key& key, std::uint16_t tlv_type) {
  const Scheme* const scheme = FindScheme(tlv_type);
  if (scheme != nullptr && scheme->device_key == key.kind()) return scheme;
  return BadTlv(
      absl::StrFormat("TLV 0x%02x cannot be opened with a key of type %s",
                      tlv_type, key.traits().name));
}

absl::Status CheckLength(std::size_t bytes, std::size_t shorter,
                         std::size_t longer) {
  if (bytes == shorter || bytes == longer) return absl::OkStatus();
  return BadTlv(absl::StrCat(
      "the encryption TLV has ", bytes, " bytes, expected ", shorter,
      shorter == longer ? std::string() : absl::StrCat(" or ", longer)));
}

absl::StatusOr<base::Secret> Unwrap(const Key& key, const Scheme& scheme,
                                    absl::string_view value) {
  if (scheme.tlv == enc_tlv::kRsa2048) {
    RETURN_IF_ERROR(CheckLength(value.size(), kOaepBytes, kOaepBytes));
    return OaepUnwrap(key, value);
  }
  const std::size_t overhead = EciesOverhead(key.kind(), scheme.hmac);
  RETURN_IF_ERROR(CheckLength(value.size(), overhead + 16, overhead + 32));
  return EciesUnwrap(key, scheme.hmac, value);
}

absl::Status CheckKek(absl::string_view kek) {
  if (IsKeySize(kek.size())) return absl::OkStatus();
  return base::Invalid("KEK_LENGTH", "kek",
                       absl::StrCat("the key-encryption key has ", kek.size(),
                                    " bytes, expected 16 or 32"));
}

}  // namespace

const Scheme* FindScheme(std::uint16_t tlv) {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.tlv == tlv) return &scheme;
  }
  return nullptr;
}

absl::Status CheckEncryption(KeyKind device_key,
                             const EncryptionOptions& options) {
  RETURN_IF_ERROR(CheckKeyBits(options));
  if (SchemeFor(device_key, options.hmac) != nullptr) return absl::OkStatus();
  const char* name = TraitsOf(device_key).name;
  if (SchemeFor(device_key, HmacHash::kSha256) != nullptr) {
    return base::Invalid(
        "HMAC_HASH", "hmac-sha",
        absl::StrCat("HMAC with SHA-512 and an encryption key of type ", name,
                     ", expected SHA-256, or a key of type x25519"));
  }
  return base::Invalid(
      "ENCRYPTION_KEY_TYPE", "encrypt",
      absl::StrCat("no bootloader decrypts with a key of type ", name,
                   "; the payload would be lost; expected rsa-2048, "
                   "ecdsa-p256 or x25519"));
}

absl::StatusOr<Encryption> Encrypt(const Key& device_key,
                                   const EncryptionOptions& options,
                                   absl::string_view payload) {
  RETURN_IF_ERROR(CheckEncryption(device_key.kind(), options));
  const Scheme& scheme = *SchemeFor(device_key.kind(), options.hmac);
  ASSIGN_OR_RETURN(const base::Secret content_key, NewContentKey(options));
  Encryption result;
  result.tlv_type = scheme.tlv;
  ASSIGN_OR_RETURN(result.tlv_value, WrapFor(device_key, scheme, content_key));
  ASSIGN_OR_RETURN(result.payload, AesCtr(content_key.Reveal(), payload));
  return result;
}

absl::StatusOr<Encryption> EncryptWithKek(absl::string_view kek,
                                          const EncryptionOptions& options,
                                          absl::string_view payload) {
  RETURN_IF_ERROR(CheckKeyBits(options));
  RETURN_IF_ERROR(CheckKek(kek));
  ASSIGN_OR_RETURN(const base::Secret content_key, NewContentKey(options));
  Encryption result;
  result.tlv_type = enc_tlv::kKeyWrap;
  ASSIGN_OR_RETURN(result.tlv_value, WrapKey(kek, content_key.Reveal()));
  ASSIGN_OR_RETURN(result.payload, AesCtr(content_key.Reveal(), payload));
  return result;
}

absl::StatusOr<std::string> Decrypt(const Key& device_private_key,
                                    std::uint16_t tlv_type,
                                    absl::string_view tlv_value,
                                    absl::string_view payload) {
  ASSIGN_OR_RETURN(const Scheme* const scheme,
                   SchemeOf(device_private_key, tlv_type));
  if (!device_private_key.is_private()) {
    return base::Precondition(
        "KEY_NOT_PRIVATE",
        "the file holds a public key, expected the device's private one");
  }
  ASSIGN_OR_RETURN(const base::Secret content_key,
                   Unwrap(device_private_key, *scheme, tlv_value));
  return AesCtr(content_key.Reveal(), payload);
}

absl::StatusOr<std::string> DecryptWithKek(absl::string_view kek,
                                           absl::string_view tlv_value,
                                           absl::string_view payload) {
  RETURN_IF_ERROR(CheckKek(kek));
  RETURN_IF_ERROR(
      CheckLength(tlv_value.size(), 16 + kWrapBytes, 32 + kWrapBytes));
  ASSIGN_OR_RETURN(std::string content_key, UnwrapKey(kek, tlv_value));
  const base::Secret secret(std::move(content_key));
  return AesCtr(secret.Reveal(), payload);
}

}  // namespace bootseal::imgtool

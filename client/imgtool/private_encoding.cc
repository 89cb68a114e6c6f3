#include "client/imgtool/private_encoding.h"

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::imgtool {
namespace {

using Asn1IntegerPtr = base::OpenSslPtr<ASN1_INTEGER, ASN1_INTEGER_free>;
using Pkcs8Ptr =
    base::OpenSslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using SecretBignumPtr = base::OpenSslPtr<BIGNUM, BN_clear_free>;

struct Row {
  KeyKind kind;
  std::optional<PrivateFormat> only;  // no value: both
  PrivateFormat usual;
};

constexpr std::array<Row, 5> kRows{{
    {KeyKind::kRsa2048, PrivateFormat::kOpenssl, PrivateFormat::kOpenssl},
    {KeyKind::kRsa3072, PrivateFormat::kOpenssl, PrivateFormat::kOpenssl},
    {KeyKind::kP256, std::nullopt, PrivateFormat::kPkcs8},
    {KeyKind::kP384, std::nullopt, PrivateFormat::kPkcs8},
    {KeyKind::kX25519, PrivateFormat::kPkcs8, PrivateFormat::kPkcs8},
}};

const char* NameOf(PrivateFormat format) {
  return format == PrivateFormat::kOpenssl ? "openssl" : "pkcs8";
}

absl::StatusOr<const Row*> RowOf(const Key& key) {
  if (!key.is_private()) {
    return base::Invalid("KEY_NOT_PRIVATE", "key",
                         "the file holds a public key, expected a private one");
  }
  for (const Row& row : kRows) {
    if (row.kind == key.kind()) return &row;
  }
  return base::Invalid(
      "KEY_TYPE", "key",
      absl::StrCat(
          "a key of type ", key.traits().name,
          " decrypts nothing, expected rsa-2048, ecdsa-p256 or x25519"));
}

// What OpenSSL allocated with a secret in it.
base::Secret TakeSecret(unsigned char* der, int size) {
  const auto length = static_cast<std::size_t>(size);
  base::Secret secret(std::string(reinterpret_cast<char*>(der), length));
  OPENSSL_clear_free(der, length);
  return secret;
}

absl::StatusOr<base::Secret> Encode(const EVP_PKEY* key, PrivateFormat format) {
  unsigned char* der = nullptr;
  if (format == PrivateFormat::kOpenssl) {
    const int size = i2d_PrivateKey(key, &der);
    if (size > 0) return TakeSecret(der, size);
  } else {
    const Pkcs8Ptr info(EVP_PKEY2PKCS8(key));
    const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), &der) : 0;
    if (size > 0) return TakeSecret(der, size);
  }
  return base::Internal(base::DrainOpenSslErrors());
}

absl::StatusOr<base::Secret> EncodeWithoutPublic(const EVP_PKEY* key,
                                                 PrivateFormat format) {
  const base::EvpKeyPtr copy(EVP_PKEY_dup(const_cast<EVP_PKEY*>(key)));
  if (!copy || EVP_PKEY_set_int_param(
                   copy.get(), OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  return Encode(copy.get(), format);
}

absl::StatusOr<base::Secret> EncodeInteger(const EVP_PKEY* key,
                                           const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  const SecretBignumPtr owned(number);
  const Asn1IntegerPtr integer(number ? BN_to_ASN1_INTEGER(number, nullptr)
                                      : nullptr);
  unsigned char* der = nullptr;
  const int size = integer ? i2d_ASN1_INTEGER(integer.get(), &der) : 0;
  if (size <= 0) return base::Internal(base::DrainOpenSslErrors());
  OPENSSL_cleanse(integer->data, static_cast<std::size_t>(integer->length));
  return TakeSecret(der, size);
}

// RSAPrivateKey that ends after the primes.
absl::StatusOr<base::Secret> EncodeWithoutCrt(const EVP_PKEY* key) {
  std::array<base::Secret, 5> integers;
  constexpr std::array<const char*, 5> kNames{
      OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
      OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2};
  constexpr absl::string_view kVersion("\x02\x01\x00", 3);
  std::size_t size = kVersion.size();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    ASSIGN_OR_RETURN(integers[i], EncodeInteger(key, kNames[i]));
    size += integers[i].Reveal().size();
  }
  const int content = static_cast<int>(size);
  std::string der(
      static_cast<std::size_t>(ASN1_object_size(1, content, V_ASN1_SEQUENCE)) -
          size,
      '\0');
  // Once and for all: growing would leave copies behind.
  der.reserve(der.size() + size);
  auto* cursor = reinterpret_cast<unsigned char*>(der.data());
  ASN1_put_object(&cursor, 1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  absl::StrAppend(&der, kVersion);
  for (const base::Secret& integer : integers) {
    absl::StrAppend(&der, integer.Reveal());
  }
  return base::Secret(std::move(der));
}

absl::StatusOr<base::Secret> EncodeMinimal(const Key& key,
                                           PrivateFormat format) {
  switch (key.kind()) {
    case KeyKind::kRsa2048:
    case KeyKind::kRsa3072:
      return EncodeWithoutCrt(key.get());
    case KeyKind::kP256:
      return EncodeWithoutPublic(key.get(), format);
    case KeyKind::kX25519:
    case KeyKind::kEd25519:
      return Encode(key.get(), format);
    case KeyKind::kP384:
      break;
  }
  return base::Invalid(
      "PRIVATE_CONTENT", "minimal",
      absl::StrCat("a key of type ", key.traits().name,
                   " has no minimal form; leave --minimal out"));
}

}  // namespace

absl::StatusOr<base::Secret> PrivateDer(const Key& key,
                                        std::optional<PrivateFormat> format,
                                        PrivateContent content) {
  ASSIGN_OR_RETURN(const Row* const row, RowOf(key));
  const PrivateFormat chosen = format.value_or(row->usual);
  if (row->only && chosen != *row->only) {
    return base::Invalid(
        "PRIVATE_FORMAT", "format",
        absl::StrCat("format ", NameOf(chosen), " with a key of type ",
                     key.traits().name, ", expected ", NameOf(*row->only)));
  }
  if (content == PrivateContent::kMinimal) return EncodeMinimal(key, chosen);
  return Encode(key.get(), chosen);
}

absl::StatusOr<base::Secret> PrivatePem(const Key& key,
                                        const base::Secret& passphrase) {
  const base::BioPtr memory(BIO_new(BIO_s_secmem()));
  const absl::string_view text = passphrase.Reveal();
  if (!memory ||
      PEM_write_bio_PKCS8PrivateKey(
          memory.get(), key.get(), text.empty() ? nullptr : EVP_aes_256_cbc(),
          text.data(), static_cast<int>(text.size()), nullptr, nullptr) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return base::Secret(std::string(data, static_cast<std::size_t>(size)));
}

}  // namespace bootseal::imgtool

#include "firmware/image/host/capsule_certificate.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace bootseal::image::host {
namespace {

constexpr int kMinBits = 2048;
constexpr std::size_t kMaxPemBytes = 16 << 10;
constexpr absl::string_view kBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr absl::string_view kEnd = "-----END CERTIFICATE-----";

using IssuerAndSerialPtr =
    base::OpenSslPtr<PKCS7_ISSUER_AND_SERIAL, PKCS7_ISSUER_AND_SERIAL_free>;

absl::Status Invalid(absl::string_view message) {
  base::DrainOpenSslErrors();
  return base::Invalid("CERTIFICATE_INVALID", "certificate", message);
}

absl::Status WrongKey(absl::string_view message) {
  return base::Invalid(
      "CERTIFICATE_KEY", "certificate",
      absl::StrCat("the certificate's key is ", message,
                   ", expected RSA of 2048 bits or more with exponent 65537: "
                   "U-Boot verifies no other"));
}

template <typename T, typename Encode>
std::string Encoded(const T* object, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string SubjectOf(const X509* certificate) {
  const base::BioPtr memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string IssuerAndSerialOf(const X509* certificate) {
  const IssuerAndSerialPtr both(PKCS7_ISSUER_AND_SERIAL_new());
  if (!both ||
      X509_NAME_set(&both->issuer, X509_get_issuer_name(certificate)) != 1) {
    return "";
  }
  ASN1_INTEGER_free(both->serial);
  both->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(certificate));
  return Encoded(both.get(), i2d_PKCS7_ISSUER_AND_SERIAL);
}

bool HasUsualExponent(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
  const base::BignumPtr owned(exponent);
  return owned && BN_is_word(owned.get(), RSA_F4) == 1;
}

absl::Status CheckKey(const EVP_PKEY* key) {
  if (key == nullptr) return WrongKey("unreadable");
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    const char* const name = EVP_PKEY_get0_type_name(key);
    return WrongKey(name == nullptr ? "of an unknown kind" : name);
  }
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinBits) {
    return WrongKey(absl::StrCat("RSA of ", bits, " bits"));
  }
  return HasUsualExponent(key) ? absl::OkStatus()
                               : WrongKey("RSA with another exponent");
}

absl::StatusOr<base::X509Ptr> ReadPem(absl::string_view pem) {
  absl::string_view body = pem;
  if (pem.size() > kMaxPemBytes || !absl::ConsumePrefix(&body, kBegin)) {
    return Invalid(
        "it is no certificate in PEM, expected one that begins with "
        "-----BEGIN CERTIFICATE-----");
  }
  const std::size_t end = body.find(kEnd);
  if (end == absl::string_view::npos ||
      !absl::StripAsciiWhitespace(body.substr(end + kEnd.size())).empty()) {
    return Invalid(
        "the file goes on behind a certificate, or does not end one; give "
        "the capsule key's alone");
  }
  const base::BioPtr memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  base::X509Ptr read(
      PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  if (!read) return Invalid("the certificate cannot be read");
  return read;
}

}  // namespace

absl::StatusOr<CapsuleCertificate> CapsuleCertificate::Parse(
    absl::string_view pem) {
  ASSIGN_OR_RETURN(base::X509Ptr read, ReadPem(pem));
  EVP_PKEY* const key = X509_get0_pubkey(read.get());
  const absl::Status good = CheckKey(key);
  base::DrainOpenSslErrors();
  RETURN_IF_ERROR(good);
  CapsuleCertificate made;
  made.der_ = Encoded(read.get(), i2d_X509);
  made.public_key_ = Encoded(key, i2d_PublicKey);
  made.issuer_and_serial_ = IssuerAndSerialOf(read.get());
  made.subject_ = SubjectOf(read.get());
  made.bits_ = EVP_PKEY_get_bits(key);
  made.x509_ = std::move(read);
  if (made.der_.empty() || made.public_key_.empty() ||
      made.issuer_and_serial_.empty()) {
    return Invalid("the certificate cannot be encoded");
  }
  return made;
}

absl::Status VerifyPkcs1(absl::string_view public_key, absl::string_view digest,
                         absl::string_view signature) {
  const auto bytes = [](absl::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const unsigned char* at = bytes(public_key);
  const base::EvpKeyPtr key(d2i_PublicKey(
      EVP_PKEY_RSA, nullptr, &at, static_cast<long>(public_key.size())));
  const base::EvpKeyContextPtr context(
      key ? EVP_PKEY_CTX_new(key.get(), nullptr) : nullptr);
  const bool good =
      context && at == bytes(public_key) + public_key.size() &&
      EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) > 0 &&
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) > 0 &&
      EVP_PKEY_verify(context.get(), bytes(signature), signature.size(),
                      bytes(digest), digest.size()) == 1;
  base::DrainOpenSslErrors();
  if (good) return absl::OkStatus();
  return base::Refused("SIGNATURE_INVALID",
                       "the signature is not the key's (RSA, PKCS #1 v1.5, "
                       "SHA-256)");
}

}  // namespace bootseal::image::host

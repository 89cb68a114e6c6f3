#include "tests/support/test_capsule.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <utility>

#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/signed_data.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;

constexpr long kTenYears = 3650L * 24 * 3600;

std::string Content(const base::BioPtr& memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

CapsuleKey MakeCapsuleKey(const std::string& name) {
  base::EvpKeyPtr key = MakeKey("RSA", 2048);
  std::string pem = CertificatePem(key.get(), name);
  auto certificate = image::host::CapsuleCertificate::Parse(pem);
  return {std::move(key), std::move(pem), *std::move(certificate)};
}

}  // namespace

base::EvpKeyPtr MakeKey(const std::string& kind, unsigned bits) {
  return base::EvpKeyPtr(
      kind == "RSA"
          ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits})
          : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
}

std::string CertificatePem(EVP_PKEY* key, const std::string& name) {
  const base::X509Ptr made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 0x1234567);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), kTenYears);
  X509_NAME* const subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(
      subject, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509_set_pubkey(made.get(), key);
  X509_sign(made.get(), key, EVP_sha256());
  const base::BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), made.get());
  return Content(memory);
}

std::string PrivateKeyPem(EVP_PKEY* key) {
  const base::BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr,
                           nullptr);
  return Content(memory);
}

std::string SignPkcs1(EVP_PKEY* key, const std::string& digest) {
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  EVP_PKEY_sign_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
  EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  EVP_PKEY_sign(
      context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
      reinterpret_cast<const unsigned char*>(digest.data()), digest.size());
  signature.resize(size);
  return signature;
}

const CapsuleKey& SharedCapsuleKey() {
  static const auto* key = new CapsuleKey(MakeCapsuleKey("capsules"));
  return *key;
}

const CapsuleKey& OtherCapsuleKey() {
  static const auto* key = new CapsuleKey(MakeCapsuleKey("other"));
  return *key;
}

v1::CapsuleFormat TestCapsuleFormat() {
  return TestCapsuleFormat(SharedCapsuleKey().pem);
}

v1::CapsuleFormat TestCapsuleFormat(const std::string& certificate_pem) {
  v1::CapsuleFormat format;
  format.set_image_type_guid("19d5df83-11b0-457b-be2c-7559c13142a5");
  format.set_certificate_pem(certificate_pem);
  format.set_with_version(true);
  format.set_lowest_supported_version(3);
  format.set_max_size(64 << 10);
  return format;
}

image::host::CapsuleHeader TestCapsuleHeader() {
  image::host::CapsuleHeader header;
  header.image_type = image::guids::kFip;
  header.monotonic_count = 7;
  header.version = {7, 3};
  return header;
}

std::string MakeCapsule(const image::host::CapsuleHeader& header,
                        const std::string& firmware, const CapsuleKey& key) {
  const std::string content = image::host::ContentSha256(header, firmware);
  const std::string digest =
      ToString(image::HashOf(image::HashAlgorithm::kSha256,
                             AsBytes(image::host::SignedAttributes(content)))
                   .bytes());
  const auto front = image::host::WriteCapsuleFront(
      header,
      image::host::WriteSignedData(key.certificate, content,
                                   SignPkcs1(key.key.get(), digest)),
      firmware.size());
  return front.value() + firmware;
}

}  // namespace bootseal::tests

#include "tests/support/pki.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bootseal::tests {
namespace {

void Check(bool ok) {
  if (!ok) std::abort();
}

base::EvpKeyPtr NewKey() {
  base::EvpKeyPtr key(EVP_EC_gen("P-256"));
  Check(key != nullptr);
  return key;
}

std::string Take(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string ToPem(X509& certificate) {
  const base::BioPtr out(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_X509(out.get(), &certificate) == 1);
  return Take(out.get());
}

std::string ToPem(EVP_PKEY& key) {
  const base::BioPtr out(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PKCS8PrivateKey(out.get(), &key, nullptr, nullptr, 0,
                                      nullptr, nullptr) == 1);
  return Take(out.get());
}

void AddExtension(X509& certificate, X509& issuer, int nid,
                  const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Check(extension != nullptr);
  Check(X509_add_ext(&certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Everything but extensions and signature.
base::X509Ptr NewCertificate(const std::string& common_name, EVP_PKEY& key,
                             absl::Time not_before, absl::Time not_after) {
  base::X509Ptr certificate(X509_new());
  Check(X509_set_version(certificate.get(), 2) == 1);
  std::uint64_t serial = 0;
  Check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) ==
        1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()),
                          serial >> 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()),
                absl::ToTimeT(not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()),
                absl::ToTimeT(not_after));
  X509_NAME* name = X509_get_subject_name(certificate.get());
  Check(X509_NAME_add_entry_by_txt(
            name, "O", MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>("Example"), -1, -1, 0) == 1);
  Check(X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
            0) == 1);
  Check(X509_set_pubkey(certificate.get(), &key) == 1);
  return certificate;
}

std::string AlternativeNames(const CertificateRequest& request) {
  std::vector<std::string> names;
  for (const std::string& uri : request.uris) {
    names.push_back(absl::StrCat("URI:", uri));
  }
  for (const std::string& address : request.addresses) {
    names.push_back(absl::StrCat("IP:", address));
  }
  return absl::StrJoin(names, ",");
}

void MakeAuthority(X509& certificate, X509& issuer) {
  AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, issuer, NID_key_usage, "critical,keyCertSign");
  AddExtension(certificate, issuer, NID_subject_key_identifier, "hash");
}

}  // namespace

CertificateRequest ForSpiffe(const std::string& id) {
  CertificateRequest request;
  request.uris = {id};
  return request;
}

CertificateRequest Expired(CertificateRequest request) {
  request.not_before = absl::Now() - absl::Hours(48);
  request.not_after = absl::Now() - absl::Hours(24);
  return request;
}

CertificateAuthority::CertificateAuthority(const std::string& common_name)
    : key_(NewKey()),
      certificate_(NewCertificate(common_name, *key_,
                                  absl::Now() - absl::Hours(72),
                                  absl::Now() + absl::Hours(72))) {
  X509_set_issuer_name(certificate_.get(),
                       X509_get_subject_name(certificate_.get()));
  MakeAuthority(*certificate_, *certificate_);
  Check(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  pem_ = ToPem(*certificate_);
}

CertificateAuthority CertificateAuthority::IssueAuthority(
    const std::string& common_name) const {
  CertificateAuthority below;
  below.key_ = NewKey();
  below.certificate_ =
      NewCertificate(common_name, *below.key_, absl::Now() - absl::Hours(48),
                     absl::Now() + absl::Hours(48));
  X509_set_issuer_name(below.certificate_.get(),
                       X509_get_subject_name(certificate_.get()));
  MakeAuthority(*below.certificate_, *certificate_);
  Check(X509_sign(below.certificate_.get(), key_.get(), EVP_sha256()) > 0);
  below.pem_ = ToPem(*below.certificate_);
  return below;
}

Credential CertificateAuthority::Issue(
    const CertificateRequest& request) const {
  const base::EvpKeyPtr key = NewKey();
  const base::X509Ptr certificate = NewCertificate(
      request.common_name, *key, request.not_before, request.not_after);
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(certificate_.get()));
  AddExtension(*certificate, *certificate_, NID_ext_key_usage,
               request.addresses.empty() ? "clientAuth" : "serverAuth");
  AddExtension(*certificate, *certificate_, NID_authority_key_identifier,
               "keyid");
  if (const std::string names = AlternativeNames(request); !names.empty()) {
    AddExtension(*certificate, *certificate_, NID_subject_alt_name, names);
  }
  Check(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  return {ToPem(*certificate), ToPem(*key)};
}

}  // namespace bootseal::tests

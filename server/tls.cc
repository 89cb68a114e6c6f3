#include "server/tls.h"

#include <openssl/pem.h>

#include <ctime>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::server {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;

base::X509Ptr ParseCertificate(const std::string& pem) {
  const base::BioPtr in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  base::X509Ptr certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  base::DrainOpenSslErrors();
  return certificate;
}

absl::Status NoCertificate(const v1::Tls& tls) {
  return base::Precondition(
      "TLS_CERTIFICATE",
      absl::StrCat(tls.certificate_path(), " holds no certificate in PEM"));
}

absl::Status CheckPair(const v1::Tls& tls, const std::string& certificate_pem,
                       const std::string& key_pem) {
  const base::X509Ptr certificate = ParseCertificate(certificate_pem);
  const base::BioPtr key_in(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const base::EvpKeyPtr key(
      PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr));
  const bool match = certificate && key &&
                     X509_check_private_key(certificate.get(), key.get()) == 1;
  base::DrainOpenSslErrors();
  if (!certificate) return NoCertificate(tls);
  if (!key) {
    return base::Precondition(
        "TLS_KEY", absl::StrCat(tls.key_path(),
                                " holds no unencrypted private key in PEM"));
  }
  if (match) return absl::OkStatus();
  return base::Precondition("TLS_KEY",
                            absl::StrCat(tls.key_path(), " is not the key of ",
                                         tls.certificate_path()));
}

}  // namespace

std::string TrustedCas(const trust::Policy& policy) {
  std::string pem;
  for (const v1::TrustDomain& domain : policy.proto().trust_domains()) {
    absl::StrAppend(&pem, domain.ca_pem(), "\n");
  }
  return pem;
}

absl::StatusOr<absl::Time> CertificateExpiry(const v1::Tls& tls) {
  ASSIGN_OR_RETURN(const std::string pem,
                   base::ReadFile(tls.certificate_path(), kMaxPemBytes));
  const base::X509Ptr certificate = ParseCertificate(pem);
  std::tm end{};
  if (!certificate ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return NoCertificate(tls);
  }
  return absl::FromTM(end, absl::UTCTimeZone());
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const v1::Tls& tls, const trust::Policy& policy) {
  RETURN_IF_ERROR(base::CheckPrivate(tls.key_path()));
  ASSIGN_OR_RETURN(const std::string key,
                   base::ReadFile(tls.key_path(), kMaxPemBytes));
  ASSIGN_OR_RETURN(const std::string certificate,
                   base::ReadFile(tls.certificate_path(), kMaxPemBytes));
  RETURN_IF_ERROR(CheckPair(tls, certificate, key));
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = TrustedCas(policy);
  options.pem_key_cert_pairs.push_back({key, certificate});
  return grpc::SslServerCredentials(options);
}

}  // namespace bootseal::server

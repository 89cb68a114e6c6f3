#include "server/tls.h"

#include <openssl/pem.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::server {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;

absl::Status CheckPair(const v1::Tls& tls, const std::string& certificate_pem,
                       const std::string& key_pem) {
  const base::BioPtr certificate_in(BIO_new_mem_buf(
      certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const base::X509Ptr certificate(
      PEM_read_bio_X509(certificate_in.get(), nullptr, nullptr, nullptr));
  const base::BioPtr key_in(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const base::EvpKeyPtr key(
      PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr));
  const bool match = certificate && key &&
                     X509_check_private_key(certificate.get(), key.get()) == 1;
  base::DrainOpenSslErrors();
  if (!certificate) {
    return base::Precondition(
        "TLS_CERTIFICATE",
        absl::StrCat(tls.certificate_path(), " holds no certificate in PEM"));
  }
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

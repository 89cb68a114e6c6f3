#include "server/tls.h"

#include <openssl/pem.h>

#include <cstring>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/input_file.h"
#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::server {
namespace {

constexpr std::size_t kMaxPemBytes = 1 << 20;

constexpr unsigned char kHttp2[] = {'h', '2'};
// With TLS 1.2: forward secrecy and authenticated encryption (RFC 9113, 9.2.2).
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
// The client chooses: OpenSSL's own list has ffdhe8192, which takes 8 ms of the
// server and nothing of the client.
constexpr char kGroups[] = "X25519:P-256";

// In their order; what is behind the last one is passed over.
std::vector<base::X509Ptr> ParseCertificates(const std::string& pem) {
  const base::BioPtr in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<base::X509Ptr> certificates;
  while (base::X509Ptr next{
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    certificates.push_back(std::move(next));
  }
  base::DrainOpenSslErrors();
  return certificates;
}

base::EvpKeyPtr ParseKey(const std::string& pem) {
  const base::BioPtr in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  base::EvpKeyPtr key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  base::DrainOpenSslErrors();
  return key;
}

absl::Status NoCertificate(const v1::Tls& tls) {
  return base::Precondition(
      "TLS_CERTIFICATE",
      absl::StrCat(tls.certificate_path(), " holds no certificate in PEM"));
}

// A certificate, those that vouch for it, and its key.
struct Pair {
  std::vector<base::X509Ptr> chain;
  base::EvpKeyPtr key;
};

absl::StatusOr<Pair> ReadPair(const v1::Tls& tls,
                              const std::string& certificate_pem,
                              const std::string& key_pem) {
  Pair pair{ParseCertificates(certificate_pem), ParseKey(key_pem)};
  if (pair.chain.empty()) return NoCertificate(tls);
  if (!pair.key) {
    return base::Precondition(
        "TLS_KEY", absl::StrCat(tls.key_path(),
                                " holds no unencrypted private key in PEM"));
  }
  if (X509_check_private_key(pair.chain.front().get(), pair.key.get()) == 1) {
    return pair;
  }
  base::DrainOpenSslErrors();
  return base::Precondition("TLS_KEY",
                            absl::StrCat(tls.key_path(), " is not the key of ",
                                         tls.certificate_path()));
}

// Of what the client offers (RFC 7301, 3.2): HTTP/2 or nothing.
int ChooseHttp2(SSL*, const unsigned char** chosen, unsigned char* size,
                const unsigned char* offered, unsigned int offered_size,
                void*) {
  for (unsigned int at = 0; at < offered_size; at += 1 + offered[at]) {
    if (offered[at] != sizeof(kHttp2) || at + offered[at] >= offered_size ||
        std::memcmp(offered + at + 1, kHttp2, sizeof(kHttp2)) != 0) {
      continue;
    }
    *chosen = offered + at + 1;
    *size = sizeof(kHttp2);
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Each connection proves itself anew: a resumed session would come without the
// certificates that it began with.
void Restrict(SSL_CTX& context) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(&context, kCiphers);
  SSL_CTX_set1_groups_list(&context, kGroups);
  SSL_CTX_set_options(&context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(&context, 0);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(&context, ChooseHttp2, nullptr);
}

void TrustCas(SSL_CTX& context, const trust::Policy& policy) {
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
  // A domain's CA may be no root.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(&context),
                              X509_V_FLAG_PARTIAL_CHAIN);
  for (const base::X509Ptr& ca : ParseCertificates(TrustedCas(policy))) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), ca.get());
    SSL_CTX_add_client_CA(&context, ca.get());
  }
  base::DrainOpenSslErrors();
}

absl::Status Present(const v1::Tls& tls, SSL_CTX& context, const Pair& pair) {
  bool taken =
      SSL_CTX_use_certificate(&context, pair.chain.front().get()) == 1 &&
      SSL_CTX_use_PrivateKey(&context, pair.key.get()) == 1;
  for (std::size_t i = 1; taken && i < pair.chain.size(); ++i) {
    taken = SSL_CTX_add1_chain_cert(&context, pair.chain[i].get()) == 1;
  }
  if (taken) return absl::OkStatus();
  return base::Precondition(
      "TLS_CERTIFICATE",
      absl::StrCat(tls.certificate_path(), ": ", base::DrainOpenSslErrors()));
}

absl::StatusOr<std::string> ReadCertificate(const v1::Tls& tls) {
  ASSIGN_OR_RETURN(const base::InputFile file,
                   base::InputFile::Open(tls.certificate_path(),
                                         base::Accepts::kRegularFile));
  return file.Read(kMaxPemBytes);
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
  ASSIGN_OR_RETURN(const std::string pem, ReadCertificate(tls));
  const std::vector<base::X509Ptr> chain = ParseCertificates(pem);
  std::tm end{};
  if (chain.empty() ||
      ASN1_TIME_to_tm(X509_get0_notAfter(chain.front().get()), &end) != 1) {
    return NoCertificate(tls);
  }
  return absl::FromTM(end, absl::UTCTimeZone());
}

absl::StatusOr<edge::SslContextPtr> MakeTlsContext(
    const v1::Tls& tls, const trust::Policy& policy) {
  ASSIGN_OR_RETURN(const std::string key_pem,
                   base::ReadPrivateFile(tls.key_path(), kMaxPemBytes,
                                         base::Accepts::kRegularFile));
  ASSIGN_OR_RETURN(const std::string certificate_pem, ReadCertificate(tls));
  ASSIGN_OR_RETURN(const Pair pair, ReadPair(tls, certificate_pem, key_pem));
  edge::SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) return base::Internal(base::DrainOpenSslErrors());
  Restrict(*context);
  TrustCas(*context, policy);
  RETURN_IF_ERROR(Present(tls, *context, pair));
  return context;
}

}  // namespace bootseal::server

// Certificates for tests, made in memory: a CA and what it issues.
#ifndef BOOTSEAL_TESTS_SUPPORT_PKI_H_
#define BOOTSEAL_TESTS_SUPPORT_PKI_H_

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/openssl.h"

namespace bootseal::tests {

// A certificate with its private key (P-256), both in PEM.
struct Credential {
  std::string certificate_pem;
  std::string key_pem;
};

struct CertificateRequest {
  std::string common_name = "test";
  std::vector<std::string> uris;       // URI SANs
  std::vector<std::string> addresses;  // IP SANs; makes it a server's
  absl::Time not_before = absl::Now() - absl::Hours(1);
  absl::Time not_after = absl::Now() + absl::Hours(24);
};

// SPIFFE ids in the way of the development PKI.
CertificateRequest ForSpiffe(const std::string& id);
CertificateRequest Expired(CertificateRequest request);

class CertificateAuthority {
 public:
  // Two of one name are still two: each has a key of its own.
  explicit CertificateAuthority(const std::string& common_name);

  const std::string& certificate_pem() const { return pem_; }
  Credential Issue(const CertificateRequest& request) const;
  // An authority below this one; the chain to send is its certificate_pem().
  CertificateAuthority IssueAuthority(const std::string& common_name) const;

 private:
  CertificateAuthority() = default;

  base::EvpKeyPtr key_;
  base::X509Ptr certificate_;
  std::string pem_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_PKI_H_

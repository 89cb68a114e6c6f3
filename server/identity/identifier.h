// From a TLS certificate to a caller that the policy knows.
//
// TLS has checked already that the peer holds the key and that *some* CA of the
// policy issued the certificate. Here it is held against the CA of its own
// trust domain: another domain's CA cannot issue a good name of this one.
#ifndef BOOTSEAL_SERVER_IDENTITY_IDENTIFIER_H_
#define BOOTSEAL_SERVER_IDENTITY_IDENTIFIER_H_

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "bootseal/v1/entry.pb.h"
#include "server/identity/certificate.h"
#include "server/trust/policy.h"

namespace bootseal::identity {

// One per policy. Thread-safe.
class Identifier {
 public:
  // `clock` must outlive it.
  Identifier(std::shared_ptr<const trust::Policy> policy,
             const base::Clock& clock);

  // `leaf_pem` is the peer's certificate, `chain_pem` what it sent along; both
  // empty when it sent none. Dates are checked on every call, everything else
  // once for each certificate.
  //
  // UNAUTHENTICATED: NO_CERTIFICATE, CERTIFICATE_MALFORMED,
  // CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CERTIFICATE_DENIED,
  // SUBJECT_AMBIGUOUS, SUBJECT_MALFORMED, UNKNOWN_TRUST_DOMAIN, WRONG_CA.
  // PERMISSION_DENIED (UNKNOWN_IDENTITY) for a good certificate of nobody in
  // the policy.
  absl::StatusOr<v1::Caller> Identify(absl::string_view leaf_pem,
                                      absl::string_view chain_pem);

 private:
  struct Known {
    v1::Caller caller;
    Validity validity;
  };
  // The most recently used first.
  using Recent = std::list<std::pair<std::string, Known>>;
  struct Issued {
    std::string subject;  // as the policy writes it
    Validity validity;
  };

  absl::StatusOr<Known> Examine(absl::string_view leaf_pem,
                                absl::string_view chain_pem, absl::Time now);
  absl::StatusOr<Issued> CheckIssuer(
      X509& leaf, const Certificate& read,
      const std::vector<base::X509Ptr>& intermediates, absl::Time now) const;
  std::optional<v1::Caller> Recall(absl::string_view key, absl::Time now);
  void Remember(std::string key, Known known);

  const std::shared_ptr<const trust::Policy> policy_;
  const base::Clock& clock_;
  absl::flat_hash_map<std::string, base::X509Ptr> cas_;  // by trust domain
  base::Mutex mutex_;
  Recent recent_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Recent::iterator> index_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::identity

#endif  // BOOTSEAL_SERVER_IDENTITY_IDENTIFIER_H_

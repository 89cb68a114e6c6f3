// From what a caller proves itself with, a TLS certificate, a token or both, to
// a caller that the policy knows.
//
// TLS has checked already that the peer holds the key and that *some* CA of the
// policy issued the certificate. Here it is held against the CA of its own
// trust domain: another domain's CA cannot issue a good name of this one.
#ifndef BOOTSEAL_SERVER_IDENTITY_IDENTIFIER_H_
#define BOOTSEAL_SERVER_IDENTITY_IDENTIFIER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/secret.h"
#include "bootseal/v1/entry.pb.h"
#include "server/identity/certificate.h"
#include "server/identity/recently_known.h"
#include "server/identity/token_identifier.h"
#include "server/trust/policy.h"

namespace bootseal::identity {

// What came with a call. Move-only: a token lets whoever has it in.
struct Peer {
  // The peer's certificate, as TLS received it, and what it sent along; both
  // empty when it sent none.
  std::string leaf_pem;
  std::string chain_pem;
  // Every "authorization" of the call's metadata; one is expected: the word
  // "Bearer", a space and the token (RFC 6750, section 2.1).
  std::vector<base::Secret> authorizations;
};

// One per policy. Thread-safe.
class Identifier {
 public:
  // `clock` must outlive it.
  Identifier(std::shared_ptr<const trust::Policy> policy,
             const base::Clock& clock);

  // Dates are checked on every call, everything else once for each certificate
  // and token. With both, both must be good and of one person; the caller is
  // then told as the token's, with the certificate's hash.
  //
  // UNAUTHENTICATED: NO_CREDENTIALS, CERTIFICATE_MALFORMED,
  // CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CERTIFICATE_DENIED,
  // SUBJECT_AMBIGUOUS, SUBJECT_MALFORMED, UNKNOWN_TRUST_DOMAIN, WRONG_CA;
  // AUTHORIZATION_MALFORMED when the metadata is no single Bearer token;
  // as ReadToken; IDENTITIES_DIFFER.
  // PERMISSION_DENIED: UNKNOWN_IDENTITY for a good certificate of nobody in the
  // policy; as trust::FindPersonByClaims.
  absl::StatusOr<v1::Caller> Identify(const Peer& peer);

 private:
  struct Issued {
    std::string subject;  // as the policy writes it
    Validity validity;
  };

  absl::StatusOr<v1::Caller> IdentifyCertificate(const Peer& peer,
                                                 absl::Time now);
  absl::StatusOr<Known> Examine(absl::string_view leaf_pem,
                                absl::string_view chain_pem, absl::Time now);
  absl::StatusOr<Issued> CheckIssuer(
      X509& leaf, const Certificate& read,
      const std::vector<base::X509Ptr>& intermediates, absl::Time now) const;

  const std::shared_ptr<const trust::Policy> policy_;
  const base::Clock& clock_;
  absl::flat_hash_map<std::string, base::X509Ptr> cas_;  // by trust domain
  RecentlyKnown certificates_;                           // by the leaf's PEM
  TokenIdentifier tokens_;
};

}  // namespace bootseal::identity

#endif  // BOOTSEAL_SERVER_IDENTITY_IDENTIFIER_H_

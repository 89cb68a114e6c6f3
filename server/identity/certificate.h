// What a client certificate says of its holder.
#ifndef BOOTSEAL_SERVER_IDENTITY_CERTIFICATE_H_
#define BOOTSEAL_SERVER_IDENTITY_CERTIFICATE_H_

#include <openssl/x509.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"

namespace bootseal::identity {

struct Certificate {
  // The single URI SAN, or the whole DN as RFC 2253 writes it.
  std::string subject;
  // Of a SPIFFE id; empty for a DN, which does not say.
  std::string trust_domain;
  std::string sha256;  // of the DER, 32 raw bytes
};

// The certificates of a PEM text, in order. UNAUTHENTICATED
// (CERTIFICATE_MALFORMED).
absl::StatusOr<std::vector<base::X509Ptr>> ParseCertificates(
    absl::string_view pem);

// UNAUTHENTICATED: SUBJECT_AMBIGUOUS with several URI SANs, SUBJECT_MALFORMED
// when the URI is not a SPIFFE id or there is neither URI nor DN.
absl::StatusOr<Certificate> ReadCertificate(X509& certificate);

struct Validity {
  absl::Time not_before;
  absl::Time not_after;  // included
};

Validity ValidityOf(const X509& certificate);

// Verifies that `ca` issued `leaf`, directly or through `intermediates`, for
// use by a TLS client, at the time `now`; the time during which all
// certificates of that chain are valid. UNAUTHENTICATED (WRONG_CA,
// CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID).
absl::StatusOr<Validity> VerifyIssuer(
    X509& leaf, const std::vector<base::X509Ptr>& intermediates, X509& ca,
    absl::Time now);

}  // namespace bootseal::identity

#endif  // BOOTSEAL_SERVER_IDENTITY_CERTIFICATE_H_

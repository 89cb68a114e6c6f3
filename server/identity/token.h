// An OpenID Connect ID token: a JWS in compact form (RFC 7515) over claims
// (RFC 7519). Thread-safe: free functions. No token, and no part of one but
// claims, is in any error.
#ifndef BOOTSEAL_SERVER_IDENTITY_TOKEN_H_
#define BOOTSEAL_SERVER_IDENTITY_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/identity/certificate.h"
#include "server/trust/claims.h"
#include "server/trust/policy.h"

namespace bootseal::identity {

inline constexpr std::size_t kMaxTokenBytes = 16 << 10;
// How far an issuer's clock and ours may be apart.
inline constexpr absl::Duration kClockSkew = absl::Seconds(60);

struct Token {
  const v1::Issuer* issuer = nullptr;  // the policy's
  std::string subject;                 // its "sub"
  trust::Claims claims;                // all that have one value
  // By "nbf", "exp", and "iat" with the issuer's max_age_seconds; the skew is
  // in.
  Validity validity;
};

// Signed by a key that `policy` pins for the token's issuer, with the algorithm
// of that key and one that the issuer lists, for its audience, and valid at
// `now`. UNAUTHENTICATED: TOKEN_TOO_LARGE, TOKEN_MALFORMED (also an object with
// a name twice, a header with "crit", a time that is no number or out of order,
// a "sub" that is missing or longer than 1,024 bytes), UNKNOWN_ISSUER,
// TOKEN_ALGORITHM, UNKNOWN_TOKEN_KEY, TOKEN_SIGNATURE, WRONG_AUDIENCE,
// TOKEN_EXPIRED, TOKEN_TOO_OLD, TOKEN_NOT_YET_VALID.
absl::StatusOr<Token> ReadToken(const trust::Policy& policy,
                                absl::string_view text, absl::Time now);

}  // namespace bootseal::identity

#endif  // BOOTSEAL_SERVER_IDENTITY_TOKEN_H_

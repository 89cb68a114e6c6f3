// Whom a certificate names, as a policy would know them. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_LOGIN_BEARER_H_
#define BOOTSEAL_CLIENT_LOGIN_BEARER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/login/period.h"

namespace bootseal::login {

// A certificate above another one.
struct Issuer {
  std::string subject;
  Period period;
};

struct Bearer {
  std::string subject;  // "CN=ci,O=Example", RFC 2253
  std::string issuer;
  std::vector<std::string> uris;  // URI SANs
  std::string fingerprint;        // SHA-256 of the DER, lower-case hexadecimal
  Period period;                  // of the certificate alone
  // Ends before the certificate does, and with it whoever vouches for it.
  std::optional<Issuer> ends_first{};
};

// Of the first certificate of a PEM text; nullopt when there is none.
std::optional<Bearer> ReadBearer(absl::string_view certificate_pem);

// The only URI SAN, otherwise the subject: a policy takes exactly one.
std::string NameOf(const Bearer& bearer);

// Of whichever certificate ends first.
const Period& EndingPeriodOf(const Bearer& bearer);
State StateAt(const Bearer& bearer, absl::Time now);

// The same name from the same issuer: another certificate of one person.
bool SamePerson(const Bearer& one, const Bearer& other);

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_BEARER_H_

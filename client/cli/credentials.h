// Our certificate and key, and the CA that we take the server from: checked
// before any connection is made, so that the reason is ours to name.
#ifndef BOOTSEAL_CLIENT_CLI_CREDENTIALS_H_
#define BOOTSEAL_CLIENT_CLI_CREDENTIALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "client/cli/settings.h"

namespace bootseal::cli {

// Move-only: it holds a private key.
struct Credentials {
  std::string ca_pem;
  // Both empty when we have no certificate; the server then says what it thinks
  // of that.
  std::string certificate_pem;
  base::Secret key_pem;
  // "CN=ci" and "CN=Bootseal development CA", RFC 2253.
  std::string subject;
  std::string issuer;
};

// Ends with kUsage: CA_MISSING, CERTIFICATE_WITHOUT_KEY,
// KEY_WITHOUT_CERTIFICATE. Ends with kLocalFile: FILE_*, CA_INVALID,
// CERTIFICATE_INVALID, CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID,
// KEY_INVALID, KEY_ENCRYPTED, KEY_IN_TOKEN, KEY_MISMATCH.
absl::StatusOr<Credentials> LoadCredentials(const Settings& settings,
                                            const base::Clock& clock);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CREDENTIALS_H_

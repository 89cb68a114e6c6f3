// Whether a CA vouches for a certificate, as a server would ask it: with the
// purpose of a TLS client. Thread-safe.
#ifndef BOOTSEAL_CLIENT_LOGIN_CHAIN_H_
#define BOOTSEAL_CLIENT_LOGIN_CHAIN_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/login/bearer.h"

namespace bootseal::login {

// `certificate_pem`: ours, then those between it and the CA. `ca_path` is named
// in the error. Ends with kLocalFile: CA_INVALID, CERTIFICATE_INVALID,
// CERTIFICATE_CHAIN.
absl::Status CheckChain(absl::string_view certificate_pem,
                        absl::string_view ca_pem, const std::string& ca_path,
                        absl::Time now);

// The same as ReadBearer, with what ends first: of several ways to a CA, on the
// one that lasts longest. Where none leads to a CA of `ca_pem`, the certificate
// alone counts.
std::optional<Bearer> ReadBearer(absl::string_view certificate_pem,
                                 absl::string_view ca_pem);

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_CHAIN_H_

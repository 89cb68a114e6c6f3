// The server's side of TLS.
#ifndef BOOTSEAL_SERVER_TLS_H_
#define BOOTSEAL_SERVER_TLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/config.pb.h"
#include "server/edge/relay.h"
#include "server/trust/policy.h"

namespace bootseal::server {

// TLS 1.2 and later, for HTTP/2. Asks clients for a certificate without
// insisting; one that is sent must come from a CA of some trust domain of
// `policy`. FAILED_PRECONDITION: FILE_MODE
// (the key is readable by others), TLS_CERTIFICATE, TLS_KEY (unreadable or of
// another certificate); base/file.h's errors.
absl::StatusOr<edge::SslContextPtr> MakeTlsContext(const v1::Tls& tls,
                                                   const trust::Policy& policy);

// When the server's own certificate ends. FAILED_PRECONDITION
// (TLS_CERTIFICATE); base/file.h's errors.
absl::StatusOr<absl::Time> CertificateExpiry(const v1::Tls& tls);

// Every CA of the policy, in PEM. TLS takes them at the start only: a server
// whose policy gains one is restarted.
std::string TrustedCas(const trust::Policy& policy);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_TLS_H_

// X.509 as the CLI reads it. Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_CERTIFICATE_H_
#define BOOTSEAL_CLIENT_CLI_CERTIFICATE_H_

#include <openssl/x509.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"

namespace bootseal::cli {

// The first certificate of a PEM text; nullptr when there is none.
base::X509Ptr ParseCertificate(absl::string_view pem);

// "CN=ci,O=Example", RFC 2253.
std::string NameOf(const X509_NAME* name);

absl::Time ToTime(const ASN1_TIME* time);
// "2026-11-21 07:00:00 UTC"
std::string FormatUtc(absl::Time time);

// The URI SANs, by which a policy knows people.
std::vector<std::string> UrisOf(const X509& certificate);

// SHA-256 of the DER, raw: what a policy denies certificates by.
std::string FingerprintOf(const X509& certificate);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CERTIFICATE_H_

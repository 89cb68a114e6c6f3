// Keys whose private half everybody has.
#ifndef BOOTSEAL_HSM_KNOWN_KEYS_H_
#define BOOTSEAL_HSM_KNOWN_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "hsm/public_key.h"

namespace bootseal::hsm {

// SHA-256 of the public key's two DER forms, lower case hex; one and the same
// unless the key is RSA.
struct KnownKey {
  const char* device_sha256;  // as the device compares it: PKCS#1 for RSA
  const char* spki_sha256;
  const char* where;  // the repository and file, or the standard
};

// The whole table, no key twice. It lives as long as the program.
absl::Span<const KnownKey> KnownKeys();

// The key of which either form has that SHA-256 (raw, 32 bytes); null when it
// is not in the table.
const KnownKey* FindKnownKey(absl::string_view sha256);

// FAILED_PRECONDITION (KEY_PUBLICLY_KNOWN) when SHA-256 of either DER form
// (PKCS#1 or SubjectPublicKeyInfo) is in the table or in `further` (raw
// hashes).
absl::Status CheckNotPubliclyKnown(const PublicKey& key,
                                   const std::vector<std::string>& further);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_KNOWN_KEYS_H_

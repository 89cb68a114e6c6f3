// Keys whose private half everybody has.
#ifndef BOOTSEAL_HSM_KNOWN_KEYS_H_
#define BOOTSEAL_HSM_KNOWN_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hsm/public_key.h"

namespace bootseal::hsm {

// FAILED_PRECONDITION (KEY_PUBLICLY_KNOWN) when SHA-256 of either DER form
// (PKCS#1 or SubjectPublicKeyInfo) is in the table or in `further` (raw
// hashes).
absl::Status CheckNotPubliclyKnown(const PublicKey& key,
                                   const std::vector<std::string>& further);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_KNOWN_KEYS_H_

// Public keys of approvers out of PEM and of OpenSSH's encoding, and
// verification with them, by OpenSSL. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_PUBLIC_KEY_READING_H_
#define BOOTSEAL_SERVER_TRUST_PUBLIC_KEY_READING_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace bootseal::trust {

struct SshPublicKey {
  std::string type;         // "ssh-ed25519"
  std::string application;  // of a FIDO token's
  base::EvpKeyPtr key;
};

// INVALID_ARGUMENT (APPROVER_KEY), all; the key is of a kind that is taken from
// approvers, or of any that OpenSSL reads.
absl::StatusOr<base::EvpKeyPtr> ReadPemPublicKey(absl::string_view text);
absl::StatusOr<base::EvpKeyPtr> ReadPemPublicKeyOfAnyKind(
    absl::string_view text);
absl::StatusOr<SshPublicKey> ReadSshPublicKey(absl::string_view blob);

// "rsa3072", "p256", "p384", "ed25519"; INVALID_ARGUMENT (APPROVER_KEY) for any
// other key.
absl::StatusOr<std::string> KindOf(const EVP_PKEY* key);

// DER.
std::string SpkiOf(const EVP_PKEY* key);
// As a device compares it: PKCS#1 for RSA, SubjectPublicKeyInfo otherwise.
std::string DeviceDerOf(const EVP_PKEY* key);

enum class RsaPadding { kPss, kPkcs1 };

// `hash` is nullptr for Ed25519; the padding is RSA's.
bool Verifies(EVP_PKEY* key, const EVP_MD* hash, RsaPadding padding,
              absl::string_view message, absl::string_view signature);

// Minimal DER of r and s, both big-endian.
std::string EcdsaDerOf(absl::string_view r, absl::string_view s);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PUBLIC_KEY_READING_H_

// The private half of a key, written down.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_PRIVATE_ENCODING_H_
#define BOOTSEAL_CLIENT_IMGTOOL_PRIVATE_ENCODING_H_

#include <optional>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "client/imgtool/key.h"

namespace bootseal::imgtool {

enum class PrivateFormat {
  kOpenssl,  // RSAPrivateKey (RFC 8017 A.1.2), ECPrivateKey (RFC 5915)
  kPkcs8,
};

enum class PrivateContent {
  kWhole,
  // What decrypts, and no more: RSA without the CRT parameters, P-256 without
  // the public key. No difference for X25519.
  kMinimal,
};

// DER that a bootloader is built with to decrypt. Without `format`: openssl for
// RSA, pkcs8 otherwise. INVALID_ARGUMENT: KEY_NOT_PRIVATE; KEY_TYPE (Ed25519
// decrypts nothing); PRIVATE_FORMAT (RSA is openssl alone, X25519 pkcs8 alone);
// PRIVATE_CONTENT (P-384 has no minimal form).
absl::StatusOr<base::Secret> PrivateDer(const Key& key,
                                        std::optional<PrivateFormat> format,
                                        PrivateContent content);

// PKCS#8 in PEM; encrypted with AES-256-CBC under `passphrase`, or in the clear
// when that is empty.
absl::StatusOr<base::Secret> PrivatePem(const Key& key,
                                        const base::Secret& passphrase);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_PRIVATE_ENCODING_H_

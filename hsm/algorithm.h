// Signing algorithms as PKCS#11 knows them.
#ifndef BOOTSEAL_HSM_ALGORITHM_H_
#define BOOTSEAL_HSM_ALGORITHM_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::hsm {

enum class Algorithm {
  kRsa2048,
  kRsa3072,
  kP256,
  kP384,
  kEd25519,
  kBrainpoolP256t1,
};

// How an RSA key signs a SHA-256 digest (RFC 8017 sections 8.1 and 8.2). A key
// has one of them; other keys have kPss.
enum class RsaPadding { kPss, kPkcs1 };

// "rsa2048", "rsa3072", "p256", "p384", "ed25519", "brainpoolP256t1".
absl::string_view NameOf(Algorithm algorithm);

// Length of the digests that the key signs: 32, 48 for P-384. Ed25519 takes 32
// or 64 (0: not fixed).
std::size_t DigestSize(Algorithm algorithm);

// The inverse of NameOf. INVALID_ARGUMENT (UNKNOWN_ALGORITHM).
absl::StatusOr<Algorithm> ParseAlgorithm(absl::string_view name);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_ALGORITHM_H_

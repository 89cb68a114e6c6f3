// The little DER that boot formats need: ECDSA signatures and public keys, in
// the one form that their signers write. Spans point into the caller's bytes.
// Source: X.690 section 8 and 10, RFC 3279, RFC 8017 A.1.1, RFC 5480, RFC 8410;
// facts: mcuboot 1.8, 1.9. Freestanding; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_DER_H_
#define BOOTSEAL_FIRMWARE_IMAGE_DER_H_

#include <cstddef>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/result.h"

namespace bootseal::image {

// Big-endian magnitudes without leading zeros; at least one byte each.
struct EcdsaSignature {
  Bytes r;
  Bytes s;
};

// SEQUENCE of two positive INTEGERs of at most `coordinate_size` bytes, minimal
// lengths, nothing after it. kDer.
Result<EcdsaSignature> ReadEcdsaSignature(Bytes der,
                                          std::size_t coordinate_size);

// Bytes of one coordinate and of the group order; 0 for other algorithms.
constexpr std::size_t CoordinateSize(Algorithm algorithm) {
  if (algorithm == Algorithm::kP256) return 32;
  if (algorithm == Algorithm::kP384) return 48;
  return 0;
}

struct RsaPublicKey {
  Bytes modulus;   // 256 or 384 bytes, highest bit set, odd
  Bytes exponent;  // 65537: 01 00 01
};

// PKCS#1 RSAPublicKey of exactly the algorithm's size with e = 65537, the only
// exponent that a device computes. kKeyFormat.
Result<RsaPublicKey> ReadRsaPublicKey(Algorithm algorithm, Bytes der);

// The raw key inside a SubjectPublicKeyInfo: X || Y of an uncompressed point
// (64 or 96 bytes), or 32 bytes for Ed25519. Whether the point is on its curve
// is for the backend to say. kKeyFormat.
Result<Bytes> ReadRawPublicKey(Algorithm algorithm, Bytes der);

// What precedes the raw key in the DER of P-256, P-384 and Ed25519; empty for
// RSA.
Bytes RawPublicKeyPrefix(Algorithm algorithm);

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_DER_H_

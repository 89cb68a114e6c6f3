// Public keys of an STM32MP's chain of trust, and what OTP holds of them.
// Source: RFC 5480; TF-A plat/st/common/stm32mp_crypto_lib.c; facts: fwu 4.3,
// 5.6. Freestanding; thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_PUBLIC_KEY_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_PUBLIC_KEY_H_

#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/result.h"

namespace bootseal::image::certificate {

// By the numbers that the boot ROM gives them. Of Brainpool's curves it takes
// the twisted one; the regular one has no number.
enum class Curve : std::uint8_t { kP256 = 1, kBrainpoolP256t1 = 2 };

// Of the signatures by its keys.
constexpr Algorithm AlgorithmOf(Curve curve) {
  return curve == Curve::kP256 ? Algorithm::kP256 : Algorithm::kBrainpoolP256t1;
}

struct PublicKey {
  Curve curve = Curve::kP256;
  Bytes der;    // SubjectPublicKeyInfo: named curve, uncompressed point
  Bytes point;  // X || Y, 64 bytes of it
};

// Whether the point is on its curve is for the backend of crypto.h to say.
// kCertificateKey.
Result<PublicKey> ReadPublicKey(Bytes der);

// What is hashed. kPoint: STM32MP15. kNumberedPoint: STM32MP13 and MP2, the
// curve's number as four bytes in front, least significant first.
enum class KeyHashForm : std::uint8_t { kPoint, kNumberedPoint };

// SHA-256.
Digest KeyHashOf(KeyHashForm form, const PublicKey& key);

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_PUBLIC_KEY_H_

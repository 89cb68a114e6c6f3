// ECDSA verification (FIPS 186-4, 6.4) over the curves of curves.h.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_ECDSA_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_ECDSA_H_

#include "firmware/image/crypto.h"

namespace bootseal::crypto {

// public_key: SubjectPublicKeyInfo of an uncompressed point on the curve.
// signature: DER in its one minimal form. digest: as long as the group order.
//
// kOk, kKeyFormat, kDer, kSignatureMismatch. Instantiated for P256 and P384 in
// ecdsa.cc, or for one of them in library/. Not for secret keys: nothing here
// is constant-time.
template <typename Curve>
image::Error VerifyEcdsa(image::Bytes public_key, image::Bytes digest,
                         image::Bytes signature);

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_ECDSA_H_

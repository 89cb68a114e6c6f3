// RSASSA-PSS verification (RFC 8017, 8.1.2) with SHA-256, MGF1-SHA-256 and a
// salt of exactly 32 bytes; public exponent 65537 only.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_RSA_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_RSA_H_

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::crypto {

// public_key: PKCS#1 RSAPublicKey in DER, of 2048 or 3072 bits with e = 65537:
// the one encoding that such a key has. kBits chooses which.
//
// kOk, kKeyFormat, kSignatureLength, kSignatureMismatch. Instantiated for 2048
// and 3072 in rsa.cc or library/rsa.cc. Not for secret keys: nothing here is
// constant-time.
template <int kBits>
image::Error VerifyRsaPss(image::Bytes public_key, image::Bytes digest,
                          image::Bytes signature);

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_RSA_H_

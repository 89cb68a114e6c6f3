// EMSA-PSS-VERIFY of RFC 8017, 9.1.2, with SHA-256, MGF1-SHA-256 and a salt of
// exactly 32 bytes.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_PSS_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_PSS_H_

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::crypto {

// `encoded` is as long as the modulus and is overwritten. kOk or
// kSignatureMismatch.
image::Error CheckPssEncoding(image::Bytes digest, image::MutableBytes encoded);

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_PSS_H_

// Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order
// of Ed25519's base point (RFC 8032, 5.1).
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_ORDER25519_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_ORDER25519_H_

#include "firmware/crypto/limbs.h"

namespace bootseal::crypto::order25519 {

inline constexpr Number<8> kOrder = {
    0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000};

// Little-endian bytes, any number of them, modulo L.
Number<8> Reduce(image::Bytes little_endian);

}  // namespace bootseal::crypto::order25519

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_ORDER25519_H_

// What verifiers of Ed25519 differ about: OpenSSL takes keys that the device's
// verifiers, ours and libsodium, refuse.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_ED25519_POINT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_ED25519_POINT_H_

#include "firmware/image/bytes.h"

namespace bootseal::image::host {

// Whether 32 bytes have the form of a public key or of a signature's R that a
// device takes: a y below p = 2^255 - 19 (RFC 8032, 5.1.3) of none of the eight
// points whose order divides 8. Whether such a point is on the curve is for the
// verifier to say. Thread-safe.
bool IsStrictEd25519Point(Bytes encoded);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_ED25519_POINT_H_

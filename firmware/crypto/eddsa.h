// Ed25519 verification (RFC 8032, 5.1.7), without the cofactor.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_EDDSA_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_EDDSA_H_

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::crypto {

// public_key: the encoded point, 32 bytes. signature: R, then S, 64 bytes.
// message: of any length; Ed25519 itself, not Ed25519ph or Ed25519ctx.
//
// kOk, kKeyFormat and kSignatureLength for another length, and
// kSignatureMismatch, also where RFC 8032 leaves a choice and the strictest is
// taken: S not below the group order, a key or R whose y is not below p, a key
// or R of small order (whoever made it signs more than one message with it).
// image/host/crypto.cc refuses the same on hosts.
//
// In eddsa.cc or library/ed25519.cc. Not for secret keys: nothing here is
// constant-time.
image::Error VerifyEd25519(image::Bytes public_key, image::Bytes message,
                           image::Bytes signature);

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_EDDSA_H_

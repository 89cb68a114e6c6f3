// Verifies what a log signed: Ed25519, whatever the images of a device are
// signed with. Hosts link log_signature.cc, which asks their backend; a
// bootloader links firmware/crypto/log_signature.cc. Freestanding; thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_SIGNATURE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_SIGNATURE_H_

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::image {

// As VerifySignature of crypto.h with Algorithm::kEd25519.
Error VerifyLogSignature(Bytes public_key, Bytes message, Bytes signature);

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_SIGNATURE_H_

// Verifies what a log signed. Ed25519, whatever the images of a device are
// signed with: where that is another algorithm, a bootloader links a second
// one for this. Freestanding; thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_SIGNATURE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_SIGNATURE_H_

#include "firmware/image/crypto.h"

namespace bootseal::image {

// As VerifySignature of crypto.h.
Error VerifyLogSignature(Algorithm algorithm, Bytes public_key, Bytes message,
                         Bytes signature);

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_SIGNATURE_H_

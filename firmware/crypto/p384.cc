// The backend for ECDSA over P-384.
#include "firmware/crypto/curves.h"
#include "firmware/crypto/ecdsa.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kP384) return Error::kUnsupported;
  return crypto::VerifyEcdsa<crypto::P384>(public_key, digest, signature);
}

}  // namespace bootseal::image

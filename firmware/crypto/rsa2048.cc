// The backend for RSA-2048.
#include "firmware/crypto/rsa.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kRsa2048) return Error::kUnsupported;
  return crypto::VerifyRsaPss<2048>(public_key, digest, signature);
}

}  // namespace bootseal::image

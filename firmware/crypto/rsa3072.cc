// The backend for RSA-3072.
#include "firmware/crypto/rsa.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kRsa3072) return Error::kUnsupported;
  return crypto::VerifyRsaPss<3072>(public_key, digest, signature);
}

}  // namespace bootseal::image

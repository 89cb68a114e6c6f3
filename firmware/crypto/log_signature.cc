// Beside the backend of any algorithm, which is linked for the images.
#include "firmware/image/transparency/log_signature.h"

#include "firmware/crypto/eddsa.h"
#include "firmware/image/der.h"

namespace bootseal::image {

Error VerifyLogSignature(Bytes public_key, Bytes message, Bytes signature) {
  const Result<Bytes> point = ReadRawPublicKey(Algorithm::kEd25519, public_key);
  if (!point.ok()) return Error::kKeyFormat;
  return crypto::VerifyEd25519(*point, message, signature);
}

}  // namespace bootseal::image

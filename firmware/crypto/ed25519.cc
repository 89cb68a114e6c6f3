// The backend for Ed25519.
#include "firmware/crypto/eddsa.h"
#include "firmware/image/crypto.h"
#include "firmware/image/der.h"

namespace bootseal::image {

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kEd25519) return Error::kUnsupported;
  const Result<Bytes> point = ReadRawPublicKey(algorithm, public_key);
  if (!point.ok()) return Error::kKeyFormat;
  return crypto::VerifyEd25519(*point, digest, signature);
}

}  // namespace bootseal::image

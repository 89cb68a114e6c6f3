#include "firmware/image/transparency/log_signature.h"

#include "firmware/image/crypto.h"

namespace bootseal::image {

Error VerifyLogSignature(Bytes public_key, Bytes message, Bytes signature) {
  return VerifySignature(Algorithm::kEd25519, public_key, message, signature);
}

}  // namespace bootseal::image

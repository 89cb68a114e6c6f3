// Where the program's backend knows Ed25519: hosts, and devices whose images
// are signed with it. Others compile the backend of Ed25519 under this name
// (firmware/crypto/CMakeLists.txt).
#include "firmware/image/transparency/log_signature.h"

namespace bootseal::image {

Error VerifyLogSignature(Algorithm algorithm, Bytes public_key, Bytes message,
                         Bytes signature) {
  return VerifySignature(algorithm, public_key, message, signature);
}

}  // namespace bootseal::image

// The backend for Ed25519: libsodium's verification, which refuses an S that is
// not below the group order and keys or R of small order.
#include <sodium/crypto_sign_ed25519.h>

#include "firmware/image/crypto.h"
#include "firmware/image/der.h"
#include "firmware/image/hardened.h"

namespace bootseal::image {
namespace {

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kEd25519) return Error::kUnsupported;
  const Result<Bytes> point = ReadRawPublicKey(algorithm, public_key);
  if (!point.ok()) return Error::kKeyFormat;
  if (signature.size() != crypto_sign_ed25519_BYTES) {
    return Error::kSignatureLength;
  }
  const auto verdict =
      static_cast<std::uint32_t>(crypto_sign_ed25519_verify_detached(
          Raw(signature), Raw(digest), digest.size(), Raw(*point)));
  return WhenZero(verdict, verdict, Error::kSignatureMismatch);
}

}  // namespace bootseal::image

// libsodium's verification, which refuses an S that is not below the group
// order, a key that is not below p, and keys or R of small order.
#include <sodium/crypto_sign_ed25519.h>

#include "firmware/crypto/eddsa.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using image::Bytes;
using image::Error;

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Error VerifyEd25519(Bytes public_key, Bytes message, Bytes signature) {
  if (public_key.size() != crypto_sign_ed25519_PUBLICKEYBYTES) {
    return Error::kKeyFormat;
  }
  if (signature.size() != crypto_sign_ed25519_BYTES) {
    return Error::kSignatureLength;
  }
  const auto verdict =
      static_cast<std::uint32_t>(crypto_sign_ed25519_verify_detached(
          Raw(signature), Raw(message), message.size(), Raw(public_key)));
  return image::WhenZero(verdict, verdict, Error::kSignatureMismatch);
}

}  // namespace bootseal::crypto

// ecdsa.h over P-256 by mbedTLS's p256-m, which needs no heap and checks the
// public point and the range of r and s itself.
#include <p256-m.h>

#include "firmware/crypto/curves.h"
#include "firmware/crypto/ecdsa.h"
#include "firmware/crypto/library/raw_signature.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using image::Bytes;
using image::Error;

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

template <typename Curve>
Error VerifyEcdsa(Bytes public_key, Bytes digest, Bytes signature) {
  constexpr std::size_t kCoordinate = Curve::kBits / 8;
  const image::Result<Bytes> point =
      image::ReadRawPublicKey(Curve::kAlgorithm, public_key);
  if (!point.ok()) return Error::kKeyFormat;
  const auto raw = ReadRawSignature<kCoordinate>(signature);
  if (!raw.ok()) return Error::kDer;
  if (digest.size() != kCoordinate) return Error::kSignatureMismatch;

  const int verdict =
      p256_ecdsa_verify(Raw(*raw), Raw(*point), Raw(digest), digest.size());
  if (verdict == P256_INVALID_PUBKEY) return Error::kKeyFormat;
  static_assert(P256_SUCCESS == 0);
  const auto difference = static_cast<std::uint32_t>(verdict);
  return image::WhenZero(difference, difference, Error::kSignatureMismatch);
}

template Error VerifyEcdsa<P256>(Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto

// The backend for ECDSA over P-256: mbedTLS's p256-m, which needs no heap and
// checks the public point and the range of r and s itself.
#include <p256-m.h>

#include "firmware/crypto/ecdsa.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

constexpr std::size_t kCoordinate = 32;

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kP256) return Error::kUnsupported;
  const Result<Bytes> point = ReadRawPublicKey(algorithm, public_key);
  if (!point.ok()) return point.error();
  const auto raw = crypto::RawSignature<kCoordinate>(signature);
  if (!raw.ok()) return raw.error();
  if (digest.size() != kCoordinate) return Error::kSignatureMismatch;
  const int verdict =
      p256_ecdsa_verify(Raw(*raw), Raw(*point), Raw(digest), digest.size());
  if (verdict == P256_SUCCESS) return Error::kOk;
  return verdict == P256_INVALID_PUBKEY ? Error::kKeyFormat
                                        : Error::kSignatureMismatch;
}

}  // namespace bootseal::image

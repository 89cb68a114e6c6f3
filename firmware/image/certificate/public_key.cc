#include "firmware/image/certificate/public_key.h"

#include <array>

#include "firmware/image/der.h"

namespace bootseal::image::certificate {

Result<PublicKey> ReadPublicKey(Bytes der) {
  for (const Curve curve : {Curve::kP256, Curve::kBrainpoolP256t1}) {
    const Result<Bytes> point = ReadRawPublicKey(AlgorithmOf(curve), der);
    if (point.ok()) return PublicKey{curve, der, *point};
  }
  return Error::kCertificateKey;
}

Digest KeyHashOf(KeyHashForm form, const PublicKey& key) {
  Hash hash(HashAlgorithm::kSha256);
  if (form == KeyHashForm::kNumberedPoint) {
    std::array<std::byte, 4> number;
    Writer(number).U32(static_cast<std::uint32_t>(key.curve));
    hash.Update(number);
  }
  return hash.Update(key.point).Finish();
}

}  // namespace bootseal::image::certificate

#include "firmware/image/certificate/public_key.h"

#include <array>

#include "firmware/image/der.h"

namespace bootseal::image::certificate {
namespace {

constexpr std::size_t kPointBytes = 64;

// SEQUENCE { SEQUENCE { id-ecPublicKey, brainpoolP256t1 }, BIT STRING { 04 ...
// }
constexpr std::uint8_t kTwistedPrefix[] = {
    0x30, 0x5a, 0x30, 0x14, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x02, 0x01, 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02,
    0x08, 0x01, 0x01, 0x08, 0x03, 0x42, 0x00, 0x04};

Bytes PrefixOf(Curve curve) {
  if (curve == Curve::kP256) return RawPublicKeyPrefix(Algorithm::kP256);
  return std::as_bytes(std::span(kTwistedPrefix));
}

}  // namespace

Result<PublicKey> ReadPublicKey(Bytes der) {
  for (const Curve curve : {Curve::kP256, Curve::kBrainpoolP256t1}) {
    const Bytes prefix = PrefixOf(curve);
    if (der.size() != prefix.size() + kPointBytes) continue;
    if (!Equal(der.first(prefix.size()), prefix)) continue;
    return PublicKey{curve, der, der.subspan(prefix.size())};
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

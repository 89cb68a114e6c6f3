// What the two ECDSA backends share.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_ECDSA_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_ECDSA_H_

#include <array>
#include <cstddef>

#include "firmware/image/der.h"

namespace bootseal::crypto {

// r || s, both big-endian and of full width.
template <std::size_t kCoordinate>
using RawEcdsaSignature = std::array<std::byte, 2 * kCoordinate>;

// kDer as image::ReadEcdsaSignature gives it.
template <std::size_t kCoordinate>
image::Result<RawEcdsaSignature<kCoordinate>> RawSignature(image::Bytes der) {
  const image::Result<image::EcdsaSignature> parsed =
      image::ReadEcdsaSignature(der, kCoordinate);
  if (!parsed.ok()) return parsed.error();
  RawEcdsaSignature<kCoordinate> raw{};
  const image::MutableBytes halves = raw;
  image::Copy(parsed->r, halves.first(kCoordinate).last(parsed->r.size()));
  image::Copy(parsed->s, halves.last(parsed->s.size()));
  return raw;
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_ECDSA_H_

// ECDSA signatures as libraries take them.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_LIBRARY_RAW_SIGNATURE_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_LIBRARY_RAW_SIGNATURE_H_

#include <array>
#include <cstddef>

#include "firmware/image/der.h"

namespace bootseal::crypto {

// r || s, both big-endian and of full width.
template <std::size_t kCoordinate>
using RawSignature = std::array<std::byte, 2 * kCoordinate>;

// kDer as image::ReadEcdsaSignature gives it.
template <std::size_t kCoordinate>
image::Result<RawSignature<kCoordinate>> ReadRawSignature(image::Bytes der) {
  const image::Result<image::EcdsaSignature> parsed =
      image::ReadEcdsaSignature(der, kCoordinate);
  if (!parsed.ok()) return image::Error::kDer;
  RawSignature<kCoordinate> raw{};
  const image::MutableBytes halves = raw;
  image::Copy(parsed->r, halves.first(kCoordinate).last(parsed->r.size()));
  image::Copy(parsed->s, halves.last(parsed->s.size()));
  return raw;
}

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_LIBRARY_RAW_SIGNATURE_H_

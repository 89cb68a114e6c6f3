#include "firmware/crypto/rsa.h"

#include <array>

#include "firmware/crypto/modulus.h"
#include "firmware/crypto/pss.h"
#include "firmware/image/der.h"

namespace bootseal::crypto {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;

template <int kBits>
constexpr Algorithm kAlgorithm = Algorithm::kRsa2048;
template <>
constexpr Algorithm kAlgorithm<3072> = Algorithm::kRsa3072;

}  // namespace

template <int kBits>
Error VerifyRsaPss(Bytes public_key, Bytes digest, Bytes signature) {
  const image::Result<image::RsaPublicKey> key =
      image::ReadRsaPublicKey(kAlgorithm<kBits>, public_key);
  if (!key.ok()) return Error::kKeyFormat;
  if (signature.size() != kBits / 8) return Error::kSignatureLength;

  Modulus<kBits> modulus(key->modulus);
  typename Modulus<kBits>::Number base;
  if (!modulus.Read(base, signature)) return Error::kSignatureMismatch;

  // base^65537 = base^(2^16) * base. One factor is in Montgomery form and one
  // is not, so the product is not.
  auto power = base;
  modulus.ToMontgomery(power);
  for (int i = 0; i < 16; ++i) modulus.Multiply(power, power, power);
  modulus.Multiply(power, power, base);

  std::array<std::byte, kBits / 8> encoded;
  ToBigEndian(encoded, power);
  return CheckPssEncoding(digest, encoded);
}

template Error VerifyRsaPss<2048>(Bytes, Bytes, Bytes);
template Error VerifyRsaPss<3072>(Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto

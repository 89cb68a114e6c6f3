// The curves of the ECDSA backends, big-endian: y^2 = x^3 - 3x + b modulo p,
// with a base point (x, then y) of prime order n (FIPS 186-4, D.1.2.3 and
// D.1.2.4).
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_CURVES_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_CURVES_H_

#include "firmware/crypto/hex.h"
#include "firmware/image/crypto.h"

namespace bootseal::crypto {

struct P256 {
  static constexpr auto kAlgorithm = image::Algorithm::kP256;
  static constexpr int kBits = 256;
  static constexpr auto kP =
      Hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  static constexpr auto kN =
      Hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  static constexpr auto kB =
      Hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
  static constexpr auto kBase =
      Hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
};

struct P384 {
  static constexpr auto kAlgorithm = image::Algorithm::kP384;
  static constexpr int kBits = 384;
  static constexpr auto kP =
      Hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
          "ffffffff0000000000000000ffffffff");
  static constexpr auto kN =
      Hex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
          "581a0db248b0a77aecec196accc52973");
  static constexpr auto kB =
      Hex("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
          "c656398d8a2ed19d2a85c8edd3ec2aef");
  static constexpr auto kBase =
      Hex("aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
          "5502f25dbf55296c3a545e3872760ab7"
          "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
          "0a60b1ce1d7e819d7a431d7c90ea0e5f");
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_CURVES_H_

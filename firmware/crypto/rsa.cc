#include "firmware/crypto/rsa.h"

#include <array>

#include "firmware/crypto/pss.h"
#include "firmware/image/der.h"

extern "C" {  // the header of mbedTLS's core is C alone
#include <bignum_core.h>
}

namespace bootseal::crypto {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;
using Limb = mbedtls_mpi_uint;

template <int kBits>
constexpr Algorithm kAlgorithm = Algorithm::kRsa2048;
template <>
constexpr Algorithm kAlgorithm<3072> = Algorithm::kRsa3072;

// Arithmetic modulo an odd number with its top bit set.
template <int kBits>
class Modulus {
 public:
  static constexpr std::size_t kLimbs = kBits / 8 / sizeof(Limb);
  using Number = std::array<Limb, kLimbs>;

  explicit Modulus(Bytes big_endian) {
    Load(big_endian, n_);
    inverse_ = mbedtls_mpi_core_montmul_init(n_.data());
  }

  // False when the value is not below the modulus.
  bool Read(Bytes big_endian, Number& out) {
    Load(big_endian, out);
    return mbedtls_mpi_core_sub(work_.data(), out.data(), n_.data(), kLimbs) !=
           0;
  }

  // x^65537: the public operation.
  void Raise(Number& x) {
    Number y;
    MontgomerySquareOfBase(y);
    Multiply(y, x);  // y = x in Montgomery form
    for (int i = 0; i < 16; ++i) Multiply(y, y);
    Multiply(x, y);  // out of Montgomery form again
  }

 private:
  static void Load(Bytes big_endian, Number& out) {
    // Lengths agree: it cannot fail.
    (void)mbedtls_mpi_core_read_be(
        out.data(), kLimbs,
        reinterpret_cast<const unsigned char*>(big_endian.data()),
        big_endian.size());
  }

  // x = x * y / 2^kBits
  void Multiply(Number& x, const Number& y) {
    mbedtls_mpi_core_montmul(x.data(), x.data(), y.data(), kLimbs, n_.data(),
                             kLimbs, inverse_, work_.data());
  }

  void Double(Number& x) {
    const Limb carry =
        mbedtls_mpi_core_add(x.data(), x.data(), x.data(), kLimbs);
    Number reduced;
    const Limb borrow =
        mbedtls_mpi_core_sub(reduced.data(), x.data(), n_.data(), kLimbs);
    if (carry != 0 || borrow == 0) x = reduced;
  }

  // R^2 mod n with R = 2^kBits, without a division: R mod n is R - n because
  // n's top bit is set; k doublings make it 2^k R, and a Montgomery square
  // doubles the exponent of that 2. 2^5 k = kBits.
  void MontgomerySquareOfBase(Number& out) {
    const Number zero{};
    (void)mbedtls_mpi_core_sub(out.data(), zero.data(), n_.data(), kLimbs);
    static_assert(kBits % 32 == 0);
    for (int i = 0; i < kBits / 32; ++i) Double(out);
    for (int i = 0; i < 5; ++i) Multiply(out, out);
  }

  Number n_;
  Limb inverse_;
  std::array<Limb, 2 * kLimbs + 1> work_;  // as montmul wants it
};

}  // namespace

template <int kBits>
Error VerifyRsaPss(Bytes public_key, Bytes digest, Bytes signature) {
  const image::Result<image::RsaPublicKey> key =
      image::ReadRsaPublicKey(kAlgorithm<kBits>, public_key);
  if (!key.ok()) return key.error();
  if (signature.size() != kBits / 8) return Error::kSignatureLength;

  Modulus<kBits> modulus(key->modulus);
  typename Modulus<kBits>::Number value;
  if (!modulus.Read(signature, value)) return Error::kSignatureMismatch;
  modulus.Raise(value);

  std::array<std::byte, kBits / 8> encoded;
  (void)mbedtls_mpi_core_write_be(
      value.data(), value.size(),
      reinterpret_cast<unsigned char*>(encoded.data()), encoded.size());
  return CheckPssEncoding(digest, encoded);
}

template Error VerifyRsaPss<2048>(Bytes, Bytes, Bytes);
template Error VerifyRsaPss<3072>(Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto

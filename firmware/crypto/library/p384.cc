// ecdsa.h over P-384 by mbedTLS.
#include <mbedtls/ecdsa.h>

#include "firmware/crypto/curves.h"
#include "firmware/crypto/ecdsa.h"
#include "firmware/crypto/library/heap.h"
#include "firmware/crypto/library/raw_signature.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using image::Bytes;
using image::Error;

constexpr std::size_t kCoordinate = 48;

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Owns mbedTLS's numbers for one verification.
class Verification {
 public:
  Verification() {
    mbedtls_ecp_group_init(&group_);
    mbedtls_ecp_point_init(&key_);
    mbedtls_mpi_init(&r_);
    mbedtls_mpi_init(&s_);
  }
  ~Verification() {
    mbedtls_mpi_free(&s_);
    mbedtls_mpi_free(&r_);
    mbedtls_ecp_point_free(&key_);
    mbedtls_ecp_group_free(&group_);
  }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  bool LoadKey(Bytes point) {
    std::array<std::byte, 1 + 2 * kCoordinate> encoded{std::byte{0x04}};
    image::Copy(point, image::MutableBytes(encoded).subspan(1));
    return mbedtls_ecp_group_load(&group_, MBEDTLS_ECP_DP_SECP384R1) == 0 &&
           mbedtls_ecp_point_read_binary(&group_, &key_, Raw(encoded),
                                         encoded.size()) == 0 &&
           mbedtls_ecp_check_pubkey(&group_, &key_) == 0;
  }

  // kOk or kSignatureMismatch.
  Error Judge(Bytes digest, Bytes raw_signature) {
    const Bytes r = raw_signature.first(kCoordinate);
    const Bytes s = raw_signature.last(kCoordinate);
    if (mbedtls_mpi_read_binary(&r_, Raw(r), r.size()) != 0 ||
        mbedtls_mpi_read_binary(&s_, Raw(s), s.size()) != 0) {
      return Error::kSignatureMismatch;
    }
    const auto verdict = static_cast<std::uint32_t>(mbedtls_ecdsa_verify(
        &group_, Raw(digest), digest.size(), &key_, &r_, &s_));
    return image::WhenZero(verdict, verdict, Error::kSignatureMismatch);
  }

 private:
  mbedtls_ecp_group group_;
  mbedtls_ecp_point key_;
  mbedtls_mpi r_;
  mbedtls_mpi s_;
};

}  // namespace

template <typename Curve>
Error VerifyEcdsa(Bytes public_key, Bytes digest, Bytes signature) {
  static_assert(Curve::kBits / 8 == kCoordinate);
  const image::Result<Bytes> point =
      image::ReadRawPublicKey(Curve::kAlgorithm, public_key);
  if (!point.ok()) return Error::kKeyFormat;
  const auto raw = ReadRawSignature<kCoordinate>(signature);
  if (!raw.ok()) return Error::kDer;
  if (digest.size() != kCoordinate) return Error::kSignatureMismatch;

  const Heap heap;
  Verification verification;
  if (!verification.LoadKey(*point)) return Error::kKeyFormat;
  return verification.Judge(digest, *raw);
}

template Error VerifyEcdsa<P384>(Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto

// The backend for ECDSA over P-384: mbedTLS, with a heap of its own that exists
// while one signature is verified.
#include <mbedtls/ecdsa.h>
#include <mbedtls/memory_buffer_alloc.h>

#include "firmware/crypto/ecdsa.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

constexpr std::size_t kCoordinate = 48;

// More than the peak of a verification (MBEDTLS_MEMORY_DEBUG), which grows with
// the size of pointers.
alignas(8) unsigned char heap[sizeof(void*) * 3 * 1024];

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

class Heap {
 public:
  Heap() { mbedtls_memory_buffer_alloc_init(heap, sizeof(heap)); }
  ~Heap() { mbedtls_memory_buffer_alloc_free(); }
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;
};

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
    Copy(point, MutableBytes(encoded).subspan(1));
    return mbedtls_ecp_group_load(&group_, MBEDTLS_ECP_DP_SECP384R1) == 0 &&
           mbedtls_ecp_point_read_binary(&group_, &key_, Raw(encoded),
                                         encoded.size()) == 0 &&
           mbedtls_ecp_check_pubkey(&group_, &key_) == 0;
  }

  bool Accepts(Bytes digest, Bytes raw_signature) {
    const Bytes r = raw_signature.first(kCoordinate);
    const Bytes s = raw_signature.last(kCoordinate);
    return mbedtls_mpi_read_binary(&r_, Raw(r), r.size()) == 0 &&
           mbedtls_mpi_read_binary(&s_, Raw(s), s.size()) == 0 &&
           mbedtls_ecdsa_verify(&group_, Raw(digest), digest.size(), &key_, &r_,
                                &s_) == 0;
  }

 private:
  mbedtls_ecp_group group_;
  mbedtls_ecp_point key_;
  mbedtls_mpi r_;
  mbedtls_mpi s_;
};

}  // namespace

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  if (algorithm != Algorithm::kP384) return Error::kUnsupported;
  const Result<Bytes> point = ReadRawPublicKey(algorithm, public_key);
  if (!point.ok()) return point.error();
  const auto raw = crypto::RawSignature<kCoordinate>(signature);
  if (!raw.ok()) return raw.error();
  if (digest.size() != kCoordinate) return Error::kSignatureMismatch;

  const Heap own_heap;
  Verification verification;
  if (!verification.LoadKey(*point)) return Error::kKeyFormat;
  return verification.Accepts(digest, *raw) ? Error::kOk
                                            : Error::kSignatureMismatch;
}

}  // namespace bootseal::image

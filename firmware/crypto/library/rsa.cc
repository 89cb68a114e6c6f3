// rsa.h by mbedTLS.
#include "firmware/crypto/rsa.h"

#include <mbedtls/rsa.h>

#include "firmware/crypto/library/heap.h"
#include "firmware/image/der.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using image::Algorithm;
using image::Bytes;
using image::Error;

constexpr std::size_t kHash = 32;
constexpr int kSalt = 32;

template <int kBits>
constexpr Algorithm kAlgorithm = Algorithm::kRsa2048;
template <>
constexpr Algorithm kAlgorithm<3072> = Algorithm::kRsa3072;

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

class Verification {
 public:
  Verification() { mbedtls_rsa_init(&rsa_); }
  ~Verification() { mbedtls_rsa_free(&rsa_); }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  bool LoadKey(const image::RsaPublicKey& key) {
    return mbedtls_rsa_set_padding(&rsa_, MBEDTLS_RSA_PKCS_V21,
                                   MBEDTLS_MD_SHA256) == 0 &&
           mbedtls_rsa_import_raw(
               &rsa_, Raw(key.modulus), key.modulus.size(), nullptr, 0, nullptr,
               0, nullptr, 0, Raw(key.exponent), key.exponent.size()) == 0 &&
           mbedtls_rsa_check_pubkey(&rsa_) == 0;
  }

  // The signature is as long as the modulus. kOk or kSignatureMismatch.
  Error Judge(Bytes digest, Bytes signature) {
    if (digest.size() != kHash) return Error::kSignatureMismatch;
    const auto verdict =
        static_cast<std::uint32_t>(mbedtls_rsa_rsassa_pss_verify_ext(
            &rsa_, MBEDTLS_MD_SHA256, kHash, Raw(digest), MBEDTLS_MD_SHA256,
            kSalt, Raw(signature)));
    return image::WhenZero(verdict, verdict, Error::kSignatureMismatch);
  }

 private:
  mbedtls_rsa_context rsa_;
};

}  // namespace

template <int kBits>
Error VerifyRsaPss(Bytes public_key, Bytes digest, Bytes signature) {
  const image::Result<image::RsaPublicKey> key =
      image::ReadRsaPublicKey(kAlgorithm<kBits>, public_key);
  if (!key.ok()) return Error::kKeyFormat;
  if (signature.size() != kBits / 8) return Error::kSignatureLength;

  const Heap heap;
  Verification verification;
  if (!verification.LoadKey(*key)) return Error::kKeyFormat;
  return verification.Judge(digest, signature);
}

template Error VerifyRsaPss<2048>(Bytes, Bytes, Bytes);
template Error VerifyRsaPss<3072>(Bytes, Bytes, Bytes);

}  // namespace bootseal::crypto

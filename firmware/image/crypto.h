// The crypto facade: hashing and signature verification, nothing else.
//
// The declarations have one implementation per program, chosen at link time:
// OpenSSL on the host (firmware/image/host/crypto.cc), our own, mbedTLS or
// libsodium on a device (firmware/crypto/). A device's build links one
// signature algorithm; the others answer kUnsupported there.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CRYPTO_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CRYPTO_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::image {

enum class HashAlgorithm : std::uint8_t {
  kSha256 = 1,
  kSha384 = 2,
  kSha512 = 3
};

constexpr std::size_t HashSize(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
      return 64;
  }
  return 0;
}

inline constexpr std::size_t kMaxHashSize = 64;

// A digest with its length: 32, 48 or 64 bytes.
class Digest {
 public:
  constexpr Digest() = default;
  explicit constexpr Digest(Bytes bytes) : size_(bytes.size()) {
    if (size_ > kMaxHashSize) size_ = 0;
    Copy(bytes.first(size_), storage_);
  }
  constexpr Bytes bytes() const { return Bytes(storage_).first(size_); }
  constexpr std::size_t size() const { return size_; }
  friend constexpr bool operator==(const Digest& a, const Digest& b) {
    return Equal(a.bytes(), b.bytes());
  }

 private:
  std::array<std::byte, kMaxHashSize> storage_{};
  std::size_t size_ = 0;
};

// Incremental hash. Trivially copyable: a copy goes on from the same point.
// Not thread-safe. A backend without `algorithm` yields an empty digest.
class Hash {
 public:
  explicit Hash(HashAlgorithm algorithm);
  Hash& Update(Bytes bytes);
  // Ends the hash; the object must not be used again.
  Digest Finish();

 private:
  HashAlgorithm algorithm_;
  // Room for the largest state of any backend (SHA-512 of OpenSSL: 216 bytes).
  alignas(8) std::array<std::byte, 240> state_;
};

inline Digest HashOf(HashAlgorithm algorithm, Bytes bytes) {
  return Hash(algorithm).Update(bytes).Finish();
}

enum class Algorithm : std::uint8_t {
  kRsa2048 = 1,
  kRsa3072 = 2,
  kP256 = 3,
  kP384 = 4,
  kEd25519 = 5,
  // RFC 5639, the twisted curve. Of packages and first stages alone; OpenSSL
  // verifies it, and no device's backend.
  kBrainpoolP256t1 = 6,
};

// Verifies one signature over `digest`.
//
//   public_key  DER as the device compares it: PKCS#1 RSAPublicKey for RSA,
//               SubjectPublicKeyInfo otherwise (facts: mcuboot 1.9)
//   digest      what the image hashes to; for Ed25519 a message of any length:
//               that, or (rules.pure) the image itself
//   signature   RSA: modulus length, PSS with salt = hash length;
//               ECDSA: DER SEQUENCE of two INTEGERs, minimal form only;
//               Ed25519: 64 bytes, S below the group order; neither R nor the
//               key of small order, y of both below p
//
// kOk, or kSignatureMismatch, kSignatureLength, kDer, kKeyFormat, kUnsupported.
Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature);

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CRYPTO_H_

// SHA-256 of mbedTLS and SHA-512 of libsodium (Ed25519 needs that one anyway)
// as image::Hash. SHA-384 yields an empty digest.
#include <mbedtls/sha256.h>
#include <sodium/crypto_hash_sha512.h>

#include <new>

#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using Sha256 = mbedtls_sha256_context;
using Sha512 = crypto_hash_sha512_state;

template <typename Context>
Context* As(void* state) {
  return std::launder(static_cast<Context*>(state));
}

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t kSize, typename Finish>
Digest DigestBy(Finish finish) {
  std::array<std::byte, kSize> digest;
  finish(reinterpret_cast<unsigned char*>(digest.data()));
  return Digest(digest);
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(Sha256) <= sizeof(state_));
  static_assert(sizeof(Sha512) <= sizeof(state_));
  if (algorithm_ == HashAlgorithm::kSha256) {
    Sha256* context = new (state_.data()) Sha256;
    mbedtls_sha256_init(context);
    (void)mbedtls_sha256_starts(context, 0);  // fails only for a bad flag
  } else if (algorithm_ == HashAlgorithm::kSha512) {
    crypto_hash_sha512_init(new (state_.data()) Sha512);
  }
}

Hash& Hash::Update(Bytes bytes) {
  // Neither has a failing path in software.
  if (algorithm_ == HashAlgorithm::kSha256) {
    (void)mbedtls_sha256_update(As<Sha256>(state_.data()), Raw(bytes),
                                bytes.size());
  } else if (algorithm_ == HashAlgorithm::kSha512) {
    crypto_hash_sha512_update(As<Sha512>(state_.data()), Raw(bytes),
                              bytes.size());
  }
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ == HashAlgorithm::kSha256) {
    return DigestBy<32>([this](unsigned char* out) {
      (void)mbedtls_sha256_finish(As<Sha256>(state_.data()), out);
    });
  }
  if (algorithm_ == HashAlgorithm::kSha512) {
    return DigestBy<64>([this](unsigned char* out) {
      crypto_hash_sha512_final(As<Sha512>(state_.data()), out);
    });
  }
  return Digest();
}

}  // namespace bootseal::image

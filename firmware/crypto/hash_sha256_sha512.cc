// Our SHA-256 and SHA-512 of libsodium (Ed25519 needs that one anyway) as
// image::Hash. SHA-384 yields an empty digest.
#include <sodium/crypto_hash_sha512.h>

#include <new>

#include "firmware/crypto/sha256.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using crypto::Sha256;
using Sha512 = crypto_hash_sha512_state;

template <typename Context>
Context* As(void* state) {
  return std::launder(static_cast<Context*>(state));
}

Digest FinishSha512(Sha512* context) {
  std::array<std::byte, 64> digest;
  crypto_hash_sha512_final(context,
                           reinterpret_cast<unsigned char*>(digest.data()));
  return Digest(digest);
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(Sha256) <= sizeof(state_));
  static_assert(sizeof(Sha512) <= sizeof(state_));
  if (algorithm_ == HashAlgorithm::kSha256) {
    new (state_.data()) Sha256;
  } else if (algorithm_ == HashAlgorithm::kSha512) {
    crypto_hash_sha512_init(new (state_.data()) Sha512);
  }
}

Hash& Hash::Update(Bytes bytes) {
  // Neither has a failing path.
  if (algorithm_ == HashAlgorithm::kSha256) {
    As<Sha256>(state_.data())->Update(bytes);
  } else if (algorithm_ == HashAlgorithm::kSha512) {
    crypto_hash_sha512_update(
        As<Sha512>(state_.data()),
        reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ == HashAlgorithm::kSha256) {
    return Digest(As<Sha256>(state_.data())->Finish());
  }
  if (algorithm_ == HashAlgorithm::kSha512) {
    return FinishSha512(As<Sha512>(state_.data()));
  }
  return Digest();
}

}  // namespace bootseal::image

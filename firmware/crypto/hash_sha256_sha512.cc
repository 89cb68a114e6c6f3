// SHA-256 of images, and SHA-512, which Ed25519 needs anyway.
#include "firmware/crypto/hash_of_two.h"

namespace bootseal::image {
namespace {

using Both = crypto::HashOfTwo<HashAlgorithm::kSha512, crypto::Sha512>;

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(crypto::Sha256) <= sizeof(state_));
  static_assert(sizeof(crypto::Sha512) <= sizeof(state_));
  Both::Begin(algorithm_, state_);
}

Hash& Hash::Update(Bytes bytes) {
  Both::Update(algorithm_, state_, bytes);
  return *this;
}

Digest Hash::Finish() { return Both::Finish(algorithm_, state_); }

}  // namespace bootseal::image

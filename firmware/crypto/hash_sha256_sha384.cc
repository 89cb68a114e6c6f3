// SHA-384 of images, and SHA-256 of a receipt's tree.
#include "firmware/crypto/hash_of_two.h"

namespace bootseal::image {
namespace {

using Both = crypto::HashOfTwo<HashAlgorithm::kSha384, crypto::Sha384>;

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(crypto::Sha256) <= sizeof(state_));
  static_assert(sizeof(crypto::Sha384) <= sizeof(state_));
  Both::Begin(algorithm_, state_);
}

Hash& Hash::Update(Bytes bytes) {
  Both::Update(algorithm_, state_, bytes);
  return *this;
}

Digest Hash::Finish() { return Both::Finish(algorithm_, state_); }

}  // namespace bootseal::image

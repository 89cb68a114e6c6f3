// Our SHA-256 (of a receipt's tree) and SHA-384 as image::Hash. SHA-512 yields an
// empty digest.
#include <new>

#include "firmware/crypto/sha2.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using crypto::Sha256;
using crypto::Sha384;

template <typename Context>
Context& As(void* state) {
  return *std::launder(static_cast<Context*>(state));
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(Sha256) <= sizeof(state_));
  static_assert(sizeof(Sha384) <= sizeof(state_));
  if (algorithm_ == HashAlgorithm::kSha256) {
    new (state_.data()) Sha256;
  } else if (algorithm_ == HashAlgorithm::kSha384) {
    new (state_.data()) Sha384;
  }
}

Hash& Hash::Update(Bytes bytes) {
  if (algorithm_ == HashAlgorithm::kSha256) {
    As<Sha256>(state_.data()).Update(bytes);
  } else if (algorithm_ == HashAlgorithm::kSha384) {
    As<Sha384>(state_.data()).Update(bytes);
  }
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ == HashAlgorithm::kSha256) {
    return Digest(As<Sha256>(state_.data()).Finish());
  }
  if (algorithm_ == HashAlgorithm::kSha384) {
    return Digest(As<Sha384>(state_.data()).Finish());
  }
  return Digest();
}

}  // namespace bootseal::image

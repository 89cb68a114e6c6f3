// Our SHA-256 as image::Hash. Other algorithms yield an empty digest.
#include <new>
#include <type_traits>

#include "firmware/crypto/sha2.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using crypto::Sha256;

Sha256& In(void* state) { return *std::launder(static_cast<Sha256*>(state)); }

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(Sha256) <= sizeof(state_));
  static_assert(alignof(Sha256) <= 8);
  static_assert(std::is_trivially_copyable_v<Sha256>);
  new (state_.data()) Sha256;
}

Hash& Hash::Update(Bytes bytes) {
  In(state_.data()).Update(bytes);
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ != HashAlgorithm::kSha256) return Digest();
  return Digest(In(state_.data()).Finish());
}

}  // namespace bootseal::image

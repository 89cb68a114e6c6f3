// Our SHA-384 as image::Hash. Other algorithms yield an empty digest.
#include <new>
#include <type_traits>

#include "firmware/crypto/sha2.h"
#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using crypto::Sha384;

Sha384& In(void* state) { return *std::launder(static_cast<Sha384*>(state)); }

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(Sha384) <= sizeof(state_));
  static_assert(alignof(Sha384) <= 8);
  static_assert(std::is_trivially_copyable_v<Sha384>);
  new (state_.data()) Sha384;
}

Hash& Hash::Update(Bytes bytes) {
  In(state_.data()).Update(bytes);
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ != HashAlgorithm::kSha384) return Digest();
  return Digest(In(state_.data()).Finish());
}

}  // namespace bootseal::image

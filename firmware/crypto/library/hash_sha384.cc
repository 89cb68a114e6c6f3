// SHA-384 of mbedTLS as image::Hash. Other algorithms yield an empty digest.
#include <mbedtls/sha512.h>

#include <new>

#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using Context = mbedtls_sha512_context;

Context* ContextIn(void* state) {
  return std::launder(static_cast<Context*>(state));
}

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm) {
  static_assert(sizeof(Context) <= sizeof(state_));
  static_assert(alignof(Context) <= 8);
  Context* context = new (state_.data()) Context;
  mbedtls_sha512_init(context);
  (void)mbedtls_sha512_starts(context, 1);  // fails only for a bad flag
}

Hash& Hash::Update(Bytes bytes) {
  // Software SHA-384 has no failing path.
  (void)mbedtls_sha512_update(ContextIn(state_.data()), Raw(bytes),
                              bytes.size());
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ != HashAlgorithm::kSha384) return Digest();
  std::array<std::byte, 48> digest;
  (void)mbedtls_sha512_finish(ContextIn(state_.data()),
                              reinterpret_cast<unsigned char*>(digest.data()));
  return Digest(digest);
}

}  // namespace bootseal::image

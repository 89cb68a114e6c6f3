// SHA-256 of mbedTLS as image::Hash. Other algorithms yield an empty digest.
#include <mbedtls/sha256.h>

#include <new>

#include "firmware/image/crypto.h"

namespace bootseal::image {
namespace {

using Context = mbedtls_sha256_context;

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
  mbedtls_sha256_init(context);
  (void)mbedtls_sha256_starts(context, 0);  // fails only for a bad flag
}

Hash& Hash::Update(Bytes bytes) {
  // Software SHA-256 has no failing path.
  (void)mbedtls_sha256_update(ContextIn(state_.data()), Raw(bytes),
                              bytes.size());
  return *this;
}

Digest Hash::Finish() {
  if (algorithm_ != HashAlgorithm::kSha256) return Digest();
  std::array<std::byte, 32> digest;
  (void)mbedtls_sha256_finish(ContextIn(state_.data()),
                              reinterpret_cast<unsigned char*>(digest.data()));
  return Digest(digest);
}

}  // namespace bootseal::image

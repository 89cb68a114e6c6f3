// What libsodium's verification calls of the rest of libsodium: SHA-512 and the
// reduction of its digest, which are ours and a tenth of the bytes, and three
// functions of utils.c, a file that wants an operating system.
#include <sodium/crypto_hash_sha512.h>

#include <cstddef>
#include <new>

#include "firmware/crypto/order25519.h"
#include "firmware/crypto/sha2.h"

namespace {

using bootseal::crypto::Sha512;
using State = crypto_hash_sha512_state;

static_assert(sizeof(Sha512) <= sizeof(State));
static_assert(alignof(Sha512) <= alignof(State));

Sha512& In(State* state) {
  return *std::launder(reinterpret_cast<Sha512*>(state));
}

}  // namespace

extern "C" {

// The first 32 of 64 little-endian bytes become the number modulo the order.
void sc25519_reduce(unsigned char s[64]) {
  const auto rest = bootseal::crypto::order25519::Reduce(
      {reinterpret_cast<const std::byte*>(s), 64});
  for (std::size_t i = 0; i < 32; ++i) {
    s[i] = static_cast<unsigned char>(rest[i / 4] >> 8 * (i % 4));
  }
}

int crypto_hash_sha512_init(State* state) {
  new (state) Sha512;
  return 0;
}

int crypto_hash_sha512_update(State* state, const unsigned char* bytes,
                              unsigned long long size) {
  In(state).Update({reinterpret_cast<const std::byte*>(bytes),
                    static_cast<std::size_t>(size)});
  return 0;
}

int crypto_hash_sha512_final(State* state, unsigned char* digest) {
  const auto bytes = In(state).Finish();
  __builtin_memcpy(digest, bytes.data(), bytes.size());
  return 0;
}

// Signing calls it, which no program here does; not every linker drops that.
int crypto_hash_sha512(unsigned char* digest, const unsigned char* bytes,
                       unsigned long long size) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  crypto_hash_sha512_update(&state, bytes, size);
  return crypto_hash_sha512_final(&state, digest);
}

int sodium_memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const volatile unsigned char*>(a);
  const auto* right = static_cast<const volatile unsigned char*>(b);
  unsigned difference = 0;
  for (std::size_t i = 0; i < size; ++i) difference |= left[i] ^ right[i];
  return difference == 0 ? 0 : -1;
}

int sodium_is_zero(const unsigned char* bytes, std::size_t size) {
  unsigned any = 0;
  for (std::size_t i = 0; i < size; ++i) any |= bytes[i];
  return any == 0 ? 1 : 0;
}

void sodium_memzero(void* bytes, std::size_t size) {
  auto* to = static_cast<volatile unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; ++i) to[i] = 0;
}

}  // extern "C"

// What libsodium's verification calls of the rest of libsodium: SHA-512 and the
// reduction of its digest, which are ours and a tenth of the bytes, and three
// functions of utils.c, a file that wants an operating system.
#include <sodium/crypto_hash_sha512.h>

#include <cstddef>
#include <new>

#include "firmware/crypto/limbs.h"
#include "firmware/crypto/sha2.h"

namespace {

using bootseal::crypto::Limb;
using bootseal::crypto::Minus;
using bootseal::crypto::Number;
using bootseal::crypto::Plus;
using bootseal::crypto::Sha512;
using State = crypto_hash_sha512_state;

static_assert(sizeof(Sha512) <= sizeof(State));
static_assert(alignof(Sha512) <= alignof(State));

Sha512& In(State* state) {
  return *std::launder(reinterpret_cast<Sha512*>(state));
}

// The order of the base point is 2^252 + kTail (RFC 8032, 5.1).
constexpr Number<8> kTail = {0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de};
constexpr Number<8> kOrder = {kTail[0], kTail[1], kTail[2], kTail[3],
                              0,        0,        0,        0x10000000};

// number = 256 number + byte, modulo the order. In and out it is below the
// order; what passes 2^252 counts -kTail.
void Append(Number<8>& number, unsigned char byte) {
  const Limb passing = number[7] >> 20;
  number[7] &= 0xfffff;
  for (std::size_t i = 7; i > 0; --i) {
    number[i] = number[i] << 8 | number[i - 1] >> 24;
  }
  number[0] = number[0] << 8 | byte;
  Number<8> multiple{};
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    carry += std::uint64_t{passing} * kTail[i];
    multiple[i] = static_cast<Limb>(carry);
    carry >>= 32;
  }
  if (Minus(number, number, multiple) != 0) Plus(number, number, kOrder);
}

}  // namespace

extern "C" {

// The first 32 of 64 little-endian bytes become the number modulo the order.
void sc25519_reduce(unsigned char s[64]) {
  Number<8> rest{};
  for (std::size_t i = 64; i > 0; --i) Append(rest, s[i - 1]);
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

#include "firmware/crypto/sha256.h"

#include <bit>

namespace bootseal::crypto {
namespace {

using Word = std::uint32_t;

constexpr std::size_t kRounds = 64;

constexpr Word kConstants[kRounds] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

Word Load(const std::byte* bytes) {
  Word word;
  __builtin_memcpy(&word, bytes, sizeof(word));
  return __builtin_bswap32(word);
}

// One round; whoever calls it eight times names the variables in turn, so that
// nothing has to move.
[[gnu::always_inline]] inline void Round(Word a, Word b, Word c, Word& d,
                                         Word e, Word f, Word g, Word& h,
                                         Word input) {
  h += input + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
       (g ^ (e & (f ^ g)));
  d += h;
  h += (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) +
       ((a & b) | (c & (a | b)));
}

}  // namespace

void Sha256::Compress(const std::byte* block) {
  Word w[kRounds];
  for (std::size_t t = 0; t < 16; ++t) w[t] = Load(block + 4 * t);
  for (std::size_t t = 16; t < kRounds; ++t) {
    const Word x = w[t - 15];
    const Word y = w[t - 2];
    w[t] = w[t - 16] + (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) +
           w[t - 7] + (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  const Word* k = kConstants;
  for (const Word* in = w; in != w + kRounds; in += 8, k += 8) {
    Round(a, b, c, d, e, f, g, h, in[0] + k[0]);
    Round(h, a, b, c, d, e, f, g, in[1] + k[1]);
    Round(g, h, a, b, c, d, e, f, in[2] + k[2]);
    Round(f, g, h, a, b, c, d, e, in[3] + k[3]);
    Round(e, f, g, h, a, b, c, d, in[4] + k[4]);
    Round(d, e, f, g, h, a, b, c, in[5] + k[5]);
    Round(c, d, e, f, g, h, a, b, in[6] + k[6]);
    Round(b, c, d, e, f, g, h, a, in[7] + k[7]);
  }
  const Word added[] = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i] += added[i];
}

void Sha256::Update(image::Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t used = size_ % kBlock;
    const std::size_t left = kBlock - used;
    const std::size_t count = bytes.size() < left ? bytes.size() : left;
    __builtin_memcpy(block_.data() + used, bytes.data(), count);
    size_ += count;
    bytes = bytes.subspan(count);
    if (count == left) Compress(block_.data());
  }
}

std::array<std::byte, Sha256::kSize> Sha256::Finish() {
  const std::uint64_t bits = 8 * size_;
  std::array<std::byte, kBlock + 8> padding{std::byte{0x80}};
  // Up to eight bytes before a block's end, then the length.
  const std::size_t zeros = (kBlock - 8 - 1 - size_) % kBlock;
  for (std::size_t i = 0; i < 8; ++i) {
    padding[1 + zeros + i] = static_cast<std::byte>(bits >> (56 - 8 * i));
  }
  Update(image::Bytes(padding).first(1 + zeros + 8));
  std::array<std::byte, kSize> digest;
  for (std::size_t i = 0; i < state_.size(); ++i) {
    const Word word = __builtin_bswap32(state_[i]);
    __builtin_memcpy(digest.data() + 4 * i, &word, sizeof(word));
  }
  return digest;
}

}  // namespace bootseal::crypto

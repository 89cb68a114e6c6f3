#include "firmware/crypto/sha2.h"

#include <bit>

namespace bootseal::crypto {
namespace {

using std::rotr;
using Word32 = std::uint32_t;
using Word64 = std::uint64_t;

template <typename Word, std::size_t kDigestSize>
constexpr Word kInitial[8];
template <>
constexpr Word32 kInitial<Word32, 32>[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                            0xa54ff53a, 0x510e527f, 0x9b05688c,
                                            0x1f83d9ab, 0x5be0cd19};
template <>
constexpr Word64 kInitial<Word64, 48>[8] = {
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
    0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
    0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};
template <>
constexpr Word64 kInitial<Word64, 64>[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

constexpr std::size_t kRounds32 = 64;
constexpr Word32 kConstants32[kRounds32] = {
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

constexpr std::size_t kRounds64 = 80;
constexpr Word64 kConstants64[kRounds64] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f,
    0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
    0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242,
    0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275,
    0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f,
    0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc,
    0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6,
    0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99,
    0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc,
    0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915,
    0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba,
    0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

Word32 BigEndian(Word32 word) { return __builtin_bswap32(word); }
Word64 BigEndian(Word64 word) { return __builtin_bswap64(word); }

// The lower-case and upper-case sigmas of FIPS 180-4, 4.1.2 and 4.1.3.
[[gnu::always_inline]] inline Word32 SmallSigma0(Word32 x) {
  return rotr(x, 7) ^ rotr(x, 18) ^ x >> 3;
}
[[gnu::always_inline]] inline Word32 SmallSigma1(Word32 x) {
  return rotr(x, 17) ^ rotr(x, 19) ^ x >> 10;
}
// One rotation is a part of the first operation, one of the second and the last
// of the addition that follows, if the compiler keeps to this order.
[[gnu::always_inline]] inline Word32 Rotations(Word32 x, int first, int second,
                                               int last) {
  Word32 sum = x ^ rotr(x, first);
  __asm__("" : "+r"(sum));
  return rotr(sum ^ rotr(x, second), last);
}
[[gnu::always_inline]] inline Word32 Sigma0(Word32 x) {
  return Rotations(x, 11, 20, 2);
}
[[gnu::always_inline]] inline Word32 Sigma1(Word32 x) {
  return Rotations(x, 5, 19, 6);
}
[[gnu::always_inline]] inline Word64 SmallSigma0(Word64 x) {
  return rotr(x, 1) ^ rotr(x, 8) ^ x >> 7;
}
[[gnu::always_inline]] inline Word64 SmallSigma1(Word64 x) {
  return rotr(x, 19) ^ rotr(x, 61) ^ x >> 6;
}
[[gnu::always_inline]] inline Word64 Sigma0(Word64 x) {
  return rotr(x, 28) ^ rotr(x, 34) ^ rotr(x, 39);
}
[[gnu::always_inline]] inline Word64 Sigma1(Word64 x) {
  return rotr(x, 14) ^ rotr(x, 18) ^ rotr(x, 41);
}

template <typename Word>
Word Choose(Word x, Word y, Word z) {
  return z ^ (x & (y ^ z));
}
template <typename Word>
Word Majority(Word x, Word y, Word z) {
  return (x & y) | (z & (x | y));
}

// The message schedule.
template <typename Word, std::size_t kRounds>
void Expand(Word (&w)[kRounds], const std::byte* block) {
  for (std::size_t t = 0; t < 16; ++t) {
    __builtin_memcpy(&w[t], block + t * sizeof(Word), sizeof(Word));
    w[t] = BigEndian(w[t]);
  }
  // Two at a time, and no word is read twice.
  Word oldest = w[0], newer = w[14], newest = w[15];
  for (std::size_t t = 16; t < kRounds; t += 2) {
    const Word old = w[t - 15];
    newer = SmallSigma1(newer) + w[t - 7] + SmallSigma0(old) + oldest;
    w[t] = newer;
    oldest = w[t - 14];
    newest = SmallSigma1(newest) + w[t - 6] + SmallSigma0(oldest) + old;
    w[t + 1] = newest;
  }
}

// One round; whoever calls it eight times names the variables in turn, so that
// nothing has to move. The majority of a, b and c is b where the others differ
// from it one at a time; b ^ c is left by the round before.
[[gnu::always_inline]] inline void Round(Word32 a, Word32 b, Word32& b_xor_c,
                                         Word32& d, Word32 e, Word32 f,
                                         Word32 g, Word32& h, Word32 input) {
  h += input + Sigma1(e) + Choose(e, f, g);
  d += h;
  const Word32 a_xor_b = a ^ b;
  h += Sigma0(a) + (b ^ (a_xor_b & b_xor_c));
  b_xor_c = a_xor_b;
}

void Compress(std::array<Word32, 8>& state, const std::byte* block) {
  Word32 w[kRounds32];
  Expand(w, block);
  auto [a, b, c, d, e, f, g, h] = state;
  Word32 x = b ^ c;
  const Word32* k = kConstants32;
  for (const Word32* in = w; in != w + kRounds32; in += 8, k += 8) {
    Round(a, b, x, d, e, f, g, h, in[0] + k[0]);
    Round(h, a, x, c, d, e, f, g, in[1] + k[1]);
    Round(g, h, x, b, c, d, e, f, in[2] + k[2]);
    Round(f, g, x, a, b, c, d, e, in[3] + k[3]);
    Round(e, f, x, h, a, b, c, d, in[4] + k[4]);
    Round(d, e, x, g, h, a, b, c, in[5] + k[5]);
    Round(c, d, x, f, g, h, a, b, in[6] + k[6]);
    Round(b, c, x, e, f, g, h, a, in[7] + k[7]);
  }
  const Word32 added[] = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += added[i];
}

// Eight words of 64 bits do not fit into the core's registers. They lie in a
// row: each round puts one more before them and forgets the last.
void Compress(std::array<Word64, 8>& state, const std::byte* block) {
  Word64 w[kRounds64];
  Expand(w, block);
  Word64 row[kRounds64 + 8];
  Word64* v = row + kRounds64;
  for (std::size_t i = 0; i < 8; ++i) v[i] = state[i];
  for (std::size_t t = 0; t < kRounds64; ++t) {
    const Word64 sum =
        v[7] + Sigma1(v[4]) + Choose(v[4], v[5], v[6]) + kConstants64[t] + w[t];
    v[3] += sum;
    v[-1] = sum + Sigma0(v[0]) + Majority(v[0], v[1], v[2]);
    --v;
  }
  for (std::size_t i = 0; i < 8; ++i) state[i] += v[i];
}

}  // namespace

template <typename Word, std::size_t kDigestSize>
Sha2<Word, kDigestSize>::Sha2() {
  __builtin_memcpy(state_.data(), kInitial<Word, kDigestSize>, sizeof(state_));
}

template <typename Word, std::size_t kDigestSize>
void Sha2<Word, kDigestSize>::Update(image::Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t used = size_ % kBlock;
    if (used == 0 && bytes.size() >= kBlock) {
      Compress(state_, bytes.data());
      size_ += kBlock;
      bytes = bytes.subspan(kBlock);
      continue;
    }
    const std::size_t left = kBlock - used;
    const std::size_t count = bytes.size() < left ? bytes.size() : left;
    __builtin_memcpy(block_.data() + used, bytes.data(), count);
    size_ += count;
    bytes = bytes.subspan(count);
    if (count == left) Compress(state_, block_.data());
  }
}

template <typename Word, std::size_t kDigestSize>
std::array<std::byte, kDigestSize> Sha2<Word, kDigestSize>::Finish() {
  const Word64 bits = BigEndian(8 * size_);
  // One bit, zeros, and the length at a block's end. It is less than 2^64 bits.
  std::array<std::byte, kBlock + kLength> padding{std::byte{0x80}};
  const std::size_t zeros = (kBlock - kLength - 1 - size_) % kBlock;
  const std::size_t size = 1 + zeros + kLength;
  __builtin_memcpy(padding.data() + size - sizeof(bits), &bits, sizeof(bits));
  Update(image::Bytes(padding).first(size));
  for (Word& word : state_) word = BigEndian(word);
  std::array<std::byte, kDigestSize> digest;
  __builtin_memcpy(digest.data(), state_.data(), kDigestSize);
  return digest;
}

template class Sha2<Word32, 32>;
template class Sha2<Word64, 48>;
template class Sha2<Word64, 64>;

}  // namespace bootseal::crypto

#include "firmware/crypto/pss.h"

#include <array>

#include "firmware/image/crypto.h"
#include "firmware/image/hardened.h"

namespace bootseal::crypto {
namespace {

using image::Bytes;
using image::Digest;
using image::Error;
using image::Hash;
using image::HashAlgorithm;
using image::MutableBytes;

constexpr std::size_t kHash = image::HashSize(HashAlgorithm::kSha256);
constexpr std::size_t kSalt = kHash;
constexpr std::byte kTrailer{0xbc};

// Takes the mask MGF1(seed) off `masked` (RFC 8017, B.2.1).
void Unmask(Bytes seed, MutableBytes masked) {
  const Hash seeded = Hash(HashAlgorithm::kSha256).Update(seed);
  std::array<std::byte, 4> counter{};
  for (std::size_t i = 0; i < masked.size(); i += kHash) {
    counter[3] = static_cast<std::byte>(i / kHash);
    Hash hash = seeded;
    const Digest mask = hash.Update(counter).Finish();
    for (std::size_t j = 0; j < kHash && i + j < masked.size(); ++j) {
      masked[i + j] ^= mask.bytes()[j];
    }
  }
}

bool IsZeroThenOne(Bytes padding) {
  for (const std::byte byte : padding.first(padding.size() - 1)) {
    if (byte != std::byte{0}) return false;
  }
  return padding.back() == std::byte{1};
}

}  // namespace

Error CheckPssEncoding(Bytes digest, MutableBytes encoded) {
  if (digest.size() != kHash || encoded.size() < kHash + kSalt + 2) {
    return Error::kSignatureMismatch;
  }
  // The encoding has one bit less than the modulus: its top bit is 0 before and
  // after the mask.
  constexpr std::byte kTopBit{0x80};
  if ((encoded.front() & kTopBit) != std::byte{0}) {
    return Error::kSignatureMismatch;
  }
  if (encoded.back() != kTrailer) return Error::kSignatureMismatch;

  const MutableBytes data = encoded.first(encoded.size() - kHash - 1);
  const Bytes hash = encoded.subspan(data.size(), kHash);
  Unmask(hash, data);
  data.front() &= ~kTopBit;
  if (!IsZeroThenOne(data.first(data.size() - kSalt))) {
    return Error::kSignatureMismatch;
  }

  constexpr std::array<std::byte, 8> kZeros{};
  const Digest expected = Hash(HashAlgorithm::kSha256)
                              .Update(kZeros)
                              .Update(digest)
                              .Update(data.last(kSalt))
                              .Finish();
  return image::Same(expected.bytes(), hash, Error::kSignatureMismatch);
}

}  // namespace bootseal::crypto

#include "tests/fuzz/mutation.h"

#include <algorithm>

namespace bootseal::tests {
namespace {

// What sizes, flags and counts break at.
constexpr std::uint8_t kOddBytes[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
constexpr std::size_t kMostPiece = 64;
constexpr std::size_t kMostBytes = 8192;

}  // namespace

std::size_t Mutation::Below(std::size_t end) {
  return end == 0 ? 0 : static_cast<std::size_t>(random_() % end);
}

const FuzzBytes& Mutation::AnySeed() { return seeds_[Below(seeds_.size())]; }

void Mutation::ChangeByte(FuzzBytes& bytes) {
  if (bytes.empty()) return;
  std::uint8_t& byte = bytes[Below(bytes.size())];
  if (Below(2) == 0) {
    byte = static_cast<std::uint8_t>(byte ^ (1u << Below(8)));
  } else {
    byte = kOddBytes[Below(std::size(kOddBytes))];
  }
}

void Mutation::CutOut(FuzzBytes& bytes) {
  const std::size_t at = Below(bytes.size() + 1);
  const std::size_t left = bytes.size() - at;
  const std::size_t count = std::min(left, 1 + Below(kMostPiece));
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
}

void Mutation::PutIn(FuzzBytes& bytes, const FuzzBytes& source) {
  const std::size_t from = Below(source.size() + 1);
  const std::size_t count =
      std::min(source.size() - from, 1 + Below(kMostPiece));
  const FuzzBytes piece(
      source.begin() + static_cast<std::ptrdiff_t>(from),
      source.begin() + static_cast<std::ptrdiff_t>(from + count));
  const std::size_t at = Below(bytes.size() + 1);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(),
               piece.end());
}

void Mutation::Change(FuzzBytes& bytes) {
  switch (Below(8)) {
    case 0:
      return CutOut(bytes);
    case 1:
      return PutIn(bytes, FuzzBytes(bytes));
    case 2:
      return PutIn(bytes, AnySeed());
    case 3:
      return bytes.resize(Below(bytes.size() + 1));
    default:
      return ChangeByte(bytes);
  }
}

FuzzBytes Mutation::Next() {
  FuzzBytes bytes = AnySeed();
  for (std::size_t left = 1 + Below(8); left > 0; --left) Change(bytes);
  bytes.resize(std::min(bytes.size(), kMostBytes));
  return bytes;
}

}  // namespace bootseal::tests

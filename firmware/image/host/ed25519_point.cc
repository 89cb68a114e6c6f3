#include "firmware/image/host/ed25519_point.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bootseal::image::host {
namespace {

// Little-endian words of 64 bits.
using Number = std::array<std::uint64_t, 4>;

constexpr Number kPrime = {0xffffffffffffffed, 0xffffffffffffffff,
                           0xffffffffffffffff, 0x7fffffffffffffff};

// The y of the points of small order: opposite points share theirs.
constexpr std::array<Number, 5> kSmallOrder = {{
    {1, 0, 0, 0},  // order 1
    {0xffffffffffffffec, 0xffffffffffffffff, 0xffffffffffffffff,
     0x7fffffffffffffff},  // order 2: p - 1
    {0, 0, 0, 0},          // order 4
    {0xb027b2c28f95e826, 0xf098eff289f4c345, 0x3933c6d305acdfd5,
     0x05fc536d880238b1},  // order 8
    {0x4fd84d3d706a17c7, 0x0f67100d760b3cba, 0xc6cc392cfa53202a,
     0x7a03ac9277fdc74e},  // order 8: p less the one above
}};

Number ReadY(Bytes encoded) {
  Reader reader(encoded);
  Number y;
  for (std::uint64_t& word : y) word = reader.U64();
  y[3] &= ~(std::uint64_t{1} << 63);  // the sign of x
  return y;
}

}  // namespace

bool IsStrictEd25519Point(Bytes encoded) {
  if (encoded.size() != 32) return false;
  const Number y = ReadY(encoded);
  const bool below_prime = std::lexicographical_compare(
      y.rbegin(), y.rend(), kPrime.rbegin(), kPrime.rend());
  return below_prime && std::find(kSmallOrder.begin(), kSmallOrder.end(), y) ==
                            kSmallOrder.end();
}

}  // namespace bootseal::image::host

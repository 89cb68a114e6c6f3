#include "firmware/crypto/order25519.h"

namespace bootseal::crypto::order25519 {

// Bit by bit from the top; below the order all the way.
Number<8> Reduce(image::Bytes little_endian) {
  Number<8> rest{};
  for (std::size_t bit = 8 * little_endian.size(); bit-- > 0;) {
    Plus(rest, rest, rest);
    rest[0] |= static_cast<Limb>(little_endian[bit / 8]) >> bit % 8 & 1;
    if (!IsLess(rest, kOrder)) Minus(rest, rest, kOrder);
  }
  return rest;
}

}  // namespace bootseal::crypto::order25519

// CRC-32/ISO-HDLC, as FWU metadata and GPT have it: reflected polynomial
// 0xedb88320, initial value and final exclusive-or 0xffffffff. The check value
// of "123456789" is 0xcbf43926. It finds accidents, not attackers.
// Source: ITU-T V.42; facts: fwu 1.1.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CRC32_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CRC32_H_

#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::image {

class Crc32 {
 public:
  // Bit by bit: no table, for what a boot reads is a few hundred bytes.
  constexpr Crc32& Update(Bytes bytes) {
    for (const std::byte byte : bytes) {
      state_ ^= static_cast<std::uint32_t>(byte);
      for (int bit = 0; bit < 8; ++bit) {
        state_ = state_ >> 1 ^ (0xedb88320 & (0 - (state_ & 1)));
      }
    }
    return *this;
  }
  constexpr std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffff;
};

constexpr std::uint32_t Crc32Of(Bytes bytes) {
  return Crc32().Update(bytes).value();
}

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CRC32_H_

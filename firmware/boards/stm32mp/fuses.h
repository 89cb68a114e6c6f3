// OTP, through BSEC version 2 (RM0436, RM0475, chapter BSEC). Only read. Not
// thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_FUSES_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_FUSES_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards::stm32mp {

inline constexpr std::uint32_t kOtpWords = 96;
inline constexpr std::uint32_t kKeyHashWord = 24;  // and seven more

// Word 0 to 95, loaded anew from its cells unless that was locked. kStorage:
// another word, OTP in an invalid state or without power, a word that loads
// with an error or was disturbed since.
image::Result<std::uint32_t> ReadFuse(std::uint32_t word);

// Words 24 to 31, each most significant byte first: 32 bytes. Zeros when they
// are zeros, or ones as in a part that cannot be fused. Errors of ReadFuse.
image::Error ReadKeyHash(image::MutableBytes to);

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_FUSES_H_

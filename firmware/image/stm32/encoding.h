// Numbers that reader and writer of the header share. Freestanding.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_STM32_ENCODING_H_
#define BOOTSEAL_FIRMWARE_IMAGE_STM32_ENCODING_H_

#include <cstddef>
#include <cstdint>

#include "firmware/image/stm32/header.h"

namespace bootseal::image::stm32 {

inline constexpr std::uint32_t kMagic = 0x324d5453;
// Up to the version field of 2.3.
inline constexpr std::size_t kSmallestHeader = 0x6c;
inline constexpr std::uint32_t kNoSignatureOption = 1;

inline constexpr std::uint32_t kAuthenticationFlag = 1;
inline constexpr std::uint32_t kEncryptionFlag = 2;
inline constexpr std::uint32_t kPaddingFlag = 0x80000000;
inline constexpr std::uint32_t kAuthenticationType = 0x02005453;
inline constexpr std::uint32_t kPaddingType = 0xffff5453;
inline constexpr std::size_t kExtensionHeaderBytes = 8;

constexpr std::size_t AuthenticationBytes(const Layout& layout) {
  return kExtensionHeaderBytes + 12 + layout.point_bytes +
         kTableKeys * layout.hash_bytes;
}

}  // namespace bootseal::image::stm32

#endif  // BOOTSEAL_FIRMWARE_IMAGE_STM32_ENCODING_H_

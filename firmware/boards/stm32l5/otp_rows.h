// Key slots in the 512 bytes of an STM32L5's OTP (RM0438, flash memory). A
// doubleword that was programmed takes nothing more, not even zeros: what
// revokes a slot is a mark in its last doubleword.
//
//   0    key slot 0 of image 0: hash, blank bytes
//   64   its mark: blank, or anything else when it is revoked
//   72   key slot 1 of image 0 ...
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32L5_OTP_ROWS_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32L5_OTP_ROWS_H_

#include "firmware/boards/otp.h"

namespace bootseal::boards::stm32l5 {

inline constexpr std::size_t kMarkBytes = 8;
inline constexpr std::size_t kRowBytes = kKeySlotBytes + kMarkBytes;
inline constexpr std::uint8_t kImages = 2;

// ReadKeySlot over these bytes.
inline image::Error ReadRow(image::Bytes otp, std::uint8_t image,
                            std::uint8_t slot, image::MutableBytes to) {
  const std::size_t at = (std::size_t{image} * kKeySlots + slot) * kRowBytes;
  if (image >= kImages || slot >= kKeySlots || to.size() > kKeySlotBytes ||
      otp.size() < at + kRowBytes) {
    return image::Error::kStorage;
  }
  const image::Bytes row = otp.subspan(at, kRowBytes);
  image::Copy(row.first(to.size()), to);
  for (const std::byte byte : row.last(kMarkBytes)) {
    if (byte != std::byte{0xff}) image::Fill(to, std::byte{0});
  }
  return image::Error::kOk;
}

}  // namespace bootseal::boards::stm32l5

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32L5_OTP_ROWS_H_

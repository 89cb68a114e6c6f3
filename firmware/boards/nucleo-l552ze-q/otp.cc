#include "firmware/boards/otp.h"

#include "firmware/boards/stm32l5/otp_rows.h"

namespace bootseal::boards {

image::Error ReadKeySlot(std::uint8_t image, std::uint8_t slot,
                         image::MutableBytes to) {
  constexpr std::uintptr_t kOtp = 0x0bfa0000;
  return stm32l5::ReadRow({reinterpret_cast<const std::byte*>(kOtp), 512},
                          image, slot, to);
}

}  // namespace bootseal::boards

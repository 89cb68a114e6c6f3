// The MPS2+ images have no OTP: this is RAM in its place, behind the slots and
// the counters. It survives a reset of the core, and no power cut; anybody can
// write it. Blank is what the RAM holds at first, all zeros.
#include "firmware/boards/otp.h"

namespace bootseal::boards {
namespace {

constexpr std::uintptr_t kOtp = 0x10309000;
constexpr std::uint8_t kImages = 2;

}  // namespace

image::Error ReadKeySlot(std::uint8_t image, std::uint8_t slot,
                         image::MutableBytes to) {
  if (image >= kImages || slot >= kKeySlots || to.size() > kKeySlotBytes) {
    return image::Error::kStorage;
  }
  const std::size_t row = std::size_t{image} * kKeySlots + slot;
  const auto* first =
      reinterpret_cast<const std::byte*>(kOtp + row * kKeySlotBytes);
  image::Copy({first, to.size()}, to);
  return image::Error::kOk;
}

}  // namespace bootseal::boards

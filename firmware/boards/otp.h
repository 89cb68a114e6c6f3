// Hashes of public keys in one-time programmable memory, for boards that have
// one. The linker names what is missing.
//
// Each image has a row of key slots. A slot that was never programmed is blank:
// it reads as ones (or as zeros, where blank memory does). One that was revoked
// reads as zeros, however the board keeps that. The first slot that is not
// revoked holds the key in force. So a new key is programmed into the next
// slot, and the old one revoked.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_OTP_H_
#define BOOTSEAL_FIRMWARE_BOARDS_OTP_H_

#include <cstddef>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::boards {

inline constexpr std::uint8_t kKeySlots = 2;  // of each image
// Room for the longest hash; a shorter one is followed by blank bytes.
inline constexpr std::size_t kKeySlotBytes = 64;

// The first bytes of a slot. kStorage: they cannot be read, or the
// board has no such slot.
image::Error ReadKeySlot(std::uint8_t image, std::uint8_t slot,
                         image::MutableBytes to);

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_OTP_H_

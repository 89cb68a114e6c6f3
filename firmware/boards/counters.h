// The rollback counters of a board: one for each image, which never goes down.
// A board that has them defines these functions; the linker names what is
// missing. flash_counters.cc is one implementation, over boards/flash.h, for
// boards without counters in hardware. Not thread-safe.
//
// What an implementation has to promise:
//   - A value that was raised stays: no reset, no power cut and no code that
//     runs after the bootloader lowers it.
//   - Power that goes in the middle of RaiseCounter leaves the old value or the
//     new one, in every counter, and each can be raised again afterwards.
//   - A counter that was never raised is 0.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_COUNTERS_H_
#define BOOTSEAL_FIRMWARE_BOARDS_COUNTERS_H_

#include <cstdint>

#include "firmware/image/result.h"

namespace bootseal::boards {

// Images 0 and 1.
inline constexpr std::uint8_t kCounters = 2;

// The highest value that a counter takes: some count in fuses, one bit each
// (TF-M's in its OTP: 512). An image above it is refused before it is
// installed.
std::uint32_t HighestCounter();

// kStorage: it cannot be read, or there is none for this image.
image::Result<std::uint32_t> ReadCounter(std::uint8_t image);

// Not below `value` afterwards; nothing is done when it is not below already.
// kStorage: it is not, and the board cannot do it.
image::Error RaiseCounter(std::uint8_t image, std::uint32_t value);

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_COUNTERS_H_

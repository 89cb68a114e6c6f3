// The light that blinks when a device has stopped. Chosen at link time.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_LED_H_
#define BOOTSEAL_FIRMWARE_BOARDS_LED_H_

#include <cstdint>

namespace bootseal::boards {

enum class Led : std::uint8_t { kOff, kOn };

// After Init() of board.h; off until then.
void Show(Led led);

// How often a loop of three cycles is run through in a tenth of a second, as
// the core is clocked now.
std::uint32_t LoopsPerTick();

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_LED_H_

// What a board provides, chosen at link time: a folder of this one with
// board.cc and memory.ld. The linker names what is missing.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_BOARD_H_
#define BOOTSEAL_FIRMWARE_BOARDS_BOARD_H_

#include <cstdint>

#include "firmware/image/bytes.h"

namespace bootseal::boards {

// The folder's name.
extern const char kName[];

// Makes Write() work. Called first, and once more after a fault, which may have
// come at any moment.
void Init();

// Sends one character over the log UART; returns when it was taken.
void Write(char character);

// Slot 0, memory-mapped: the payload runs in place.
image::Bytes PrimarySlot();

// Memory in which a payload may have its first stack.
struct Range {
  std::uint32_t begin;
  std::uint32_t end;
};
Range Ram();

}  // namespace bootseal::boards

#endif  // BOOTSEAL_FIRMWARE_BOARDS_BOARD_H_

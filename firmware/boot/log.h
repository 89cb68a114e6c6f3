// The boot log: short lines over the board's UART.
#ifndef BOOTSEAL_FIRMWARE_BOOT_LOG_H_
#define BOOTSEAL_FIRMWARE_BOOT_LOG_H_

#include <cstdint>

namespace bootseal::boot {

void Print(const char* text);
void PrintDecimal(std::uint32_t number);
// 0x and eight digits.
void PrintHex(std::uint32_t number);

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_LOG_H_

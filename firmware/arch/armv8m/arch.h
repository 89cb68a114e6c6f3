// The processor: start, stop, faults, and the way out of a program.
// Armv8-M Mainline, secure state (ARM DDI 0553).
#ifndef BOOTSEAL_FIRMWARE_ARCH_ARMV8M_ARCH_H_
#define BOOTSEAL_FIRMWARE_ARCH_ARMV8M_ARCH_H_

#include <cstdint>

namespace bootseal::arch {

// VTOR has no bits below (ARM DDI 0553, D1.2, VTOR): a table elsewhere is read
// from another place than the one it was started from.
inline constexpr std::uint32_t kVectorTableAlignment = 128;

// Ends all activity: interrupts off, asleep for good.
[[noreturn]] void Stop();

// Leaves this program for the one whose vector table lies at `vector_table`:
// sets VTOR, MSP, MPU and the stack limits to what they are after reset, wipes
// this program's data and stack and every register, and branches to its reset
// vector. The caller has checked both words of the table.
[[noreturn]] void Start(std::uint32_t vector_table);

// A program provides these two. Main runs after data and bss are in place;
// OnFault on an empty stack, after any fault or unexpected interrupt.
[[noreturn]] void Main();
[[noreturn]] void OnFault();

}  // namespace bootseal::arch

#endif  // BOOTSEAL_FIRMWARE_ARCH_ARMV8M_ARCH_H_

// The processor: start, stop, faults, and the way out of a program.
// Armv8-M Mainline, secure state (ARM DDI 0553).
#ifndef BOOTSEAL_FIRMWARE_ARCH_ARMV8M_ARCH_H_
#define BOOTSEAL_FIRMWARE_ARCH_ARMV8M_ARCH_H_

#include <cstdint>

namespace bootseal::arch {

// VTOR has no bits below (ARM DDI 0553, D1.2, VTOR): a table elsewhere is read
// from another place than the one it was started from.
inline constexpr std::uint32_t kVectorTableAlignment = 128;

// Ends all activity: interrupts off, and OnStop for good. Should that come
// back, more than one branch leads there again.
[[noreturn]] void Stop();

// Stop(), with branches to themselves behind the call: a core that skips it
// does not run into whatever the linker put next.
[[noreturn, gnu::always_inline]] inline void Halt() {
  __asm__ volatile(
      "bl %c0\n\t"
      "b .\n\tb .\n\tb .\n\tb .\n\tb .\n\tb ."
      :
      : "i"(Stop)
      : "memory", "lr");
  __builtin_unreachable();
}

// Leaves this program for the one whose vector table lies at `vector_table`:
// sets VTOR, MSP, MPU and the stack limits to what they are after reset, wipes
// this program's data and stack and every register, and branches to its reset
// vector. The caller has checked both words of the table.
[[noreturn]] void Start(std::uint32_t vector_table);

// A program provides these three. Main runs after data and bss are in place;
// OnFault on an empty stack, after any fault or unexpected interrupt; OnStop
// with interrupts off, when all is over.
[[noreturn]] void Main();
[[noreturn]] void OnFault();
void OnStop();

// What OnFault may want to say: the number of the exception (IPSR, 3 is
// HardFault), and CFSR (ARM DDI 0553, D1.2).
struct FaultCause {
  std::uint32_t exception;
  std::uint32_t status;
};
FaultCause CauseOfFault();

// One turn of it takes three cycles or so.
inline void Count(std::uint32_t loops) {
  __asm__ volatile(
      "1: subs %0, %0, #1\n\t"
      "bhi 1b"
      : "+l"(loops)
      :
      : "cc");
}

}  // namespace bootseal::arch

#endif  // BOOTSEAL_FIRMWARE_ARCH_ARMV8M_ARCH_H_

// The processor: start, stop, faults, and the way out of a program.
// Armv7-A with the Security Extensions, secure state (ARM DDI 0406C). Core 0
// runs, every other one waits for good; MMU and data cache are off, the
// instruction cache is on, so that what was written to memory is what is
// fetched from it.
#ifndef BOOTSEAL_FIRMWARE_ARCH_ARMV7A_ARCH_H_
#define BOOTSEAL_FIRMWARE_ARCH_ARMV7A_ARCH_H_

#include <cstdint>

namespace bootseal::arch {

// Ends all activity: interrupts off, asleep for good.
[[noreturn]] void Stop();

// How another program is entered: in Arm state, or in Thumb state when bit 0 of
// `program` is set; SVC mode, interrupts masked, caches and MMU off.
struct Entry {
  std::uint32_t program = 0;
  std::uint32_t link = 0;        // lr: where it goes on when it is done
  std::uint32_t arguments[4]{};  // r0 to r3
};

// Leaves this program: wipes its data and stack and every register that
// `entry` does not name, forgets what was prefetched, and branches.
[[noreturn]] void Start(const Entry& entry);

enum class FaultKind : std::uint32_t {
  kUndefined = 1,
  kSupervisorCall = 2,
  kPrefetchAbort = 3,
  kDataAbort = 4,
  kInterrupt = 5,
  kFastInterrupt = 6,
};

struct Fault {
  FaultKind kind;
  std::uint32_t program;  // the instruction's address
  std::uint32_t status;   // IFSR or DFSR of an abort; 0
  std::uint32_t address;  // IFAR or DFAR of an abort; 0
};

// A program provides these two. Main runs after data and bss are in place;
// OnFault on an empty stack, after any fault or unexpected interrupt.
[[noreturn]] void Main();
[[noreturn]] void OnFault(const Fault& fault);

}  // namespace bootseal::arch

#endif  // BOOTSEAL_FIRMWARE_ARCH_ARMV7A_ARCH_H_

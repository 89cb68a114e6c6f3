// From reset to Main(), and what every exception leads to.
#include <cstddef>
#include <cstdint>

#include "firmware/arch/armv8m/arch.h"

extern "C" {
// Borders from sections.ld; only their addresses mean something.
extern std::uint32_t __stack_limit[];
extern std::uint32_t __stack_top[];
extern const std::byte __executable_end[];
extern const std::uint32_t __data_load[];
extern std::uint32_t __data_begin[];
extern std::uint32_t __data_end[];
extern std::uint32_t __bss_begin[];
extern std::uint32_t __bss_end[];

[[noreturn]] void Reset();
[[noreturn]] void Fault();
// A board may have another one, for what its devices report so.
[[noreturn, gnu::nothrow, gnu::weak, gnu::alias("Fault")]] void NonMaskable();
}

namespace bootseal::arch {
namespace {

struct VectorTable {
  std::uint32_t* stack;
  void (*reset)();
  void (*exceptions[14])();  // NMI to SysTick; no interrupt is ever enabled
};

[[gnu::section(".vectors"), gnu::used]] constinit const VectorTable kVectors{
    __stack_top,
    Reset,
    {NonMaskable, Fault, Fault, Fault, Fault, Fault, Fault, Fault, Fault, Fault,
     Fault, Fault, Fault, Fault}};

// Until Start() nothing is executed but this program's own code. Of all that a
// skipped instruction makes of a bootloader most is a return to some pointer,
// and those are pointers into an image that nobody has vouched for, and into
// the stack. Three regions of the MPU (ARM DDI 0553, D1.2), numbers 0 to 2,
// take all memory behind the code, in front of it (where slots may have another
// address) and outside the chip; devices cannot be executed anyway.
inline void ExecuteNothingElse() {
  volatile auto* mpu = reinterpret_cast<std::uint32_t*>(0xe000ed90);
  __asm__("" : "+r"(mpu));  // one address for all of them
  enum : std::size_t { kControl = 1, kNumber, kRegions, kMair0 = 12 };
  constexpr std::uint32_t kLast = ~std::uint32_t{31};  // of a region, 32 bytes
  mpu[kNumber] = 0;
  mpu[kMair0] = 0x44;  // attribute 0: memory, not cached
  const auto region = [mpu](std::size_t number, std::uint32_t base,
                            std::uint32_t end) {
    mpu[kRegions + 2 * number] = base | 1;                     // XN
    mpu[kRegions + 2 * number + 1] = ((end - 1) & kLast) | 1;  // enabled
  };
  region(0, reinterpret_cast<std::uintptr_t>(__executable_end), 0x40000000);
  region(1, 0, reinterpret_cast<std::uintptr_t>(&kVectors));
  region(2, 0x60000000, 0xa0000000);
  mpu[kControl] = 7;  // also in handlers; elsewhere as without
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

}  // namespace

[[gnu::naked]] void Stop() {
  __asm__ volatile(
      "1: cpsid i\n\t"
      "bl %c0\n\t"
      "b 1b\n\tb 1b\n\tb 1b\n\tb 1b\n\tb 1b\n\tb 1b"
      :
      : "i"(OnStop));
}

FaultCause CauseOfFault() {
  constexpr std::uintptr_t kConfigurableFaultStatus = 0xe000ed28;
  FaultCause cause;
  __asm__ volatile("mrs %0, ipsr" : "=r"(cause.exception));
  cause.status =
      *reinterpret_cast<volatile std::uint32_t*>(kConfigurableFaultStatus);
  return cause;
}

}  // namespace bootseal::arch

// The limits come first: from here on an overflow is a fault, and so is a jump
// to anywhere else.
void Reset() {
  __asm__ volatile("msr msplim, %0" ::"r"(__stack_limit));
  bootseal::arch::ExecuteNothingElse();
  const std::uint32_t* from = __data_load;
  for (std::uint32_t* to = __data_begin; to != __data_end;) *to++ = *from++;
  for (std::uint32_t* to = __bss_begin; to != __bss_end;) *to++ = 0;
  bootseal::arch::Main();
}

// The stack may be what failed: begin it anew. No compiled code may run before.
[[gnu::naked]] void Fault() {
  __asm__ volatile(
      "cpsid i\n\t"
      "movs r0, #0\n\t"
      "msr msplim, r0\n\t"
      "ldr r0, =__stack_top\n\t"
      "msr msp, r0\n\t"
      "b %c0"
      :
      : "i"(bootseal::arch::OnFault));
}

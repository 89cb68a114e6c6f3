// From reset to Main(), and what every exception leads to.
#include <cstdint>

#include "firmware/arch/armv8m/arch.h"

extern "C" {
// Borders from sections.ld; only their addresses mean something.
extern std::uint32_t __stack_limit[];
extern std::uint32_t __stack_top[];
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

// The stack limit comes first: from here on an overflow is a fault.
void Reset() {
  __asm__ volatile("msr msplim, %0" ::"r"(__stack_limit));
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

#include "firmware/arch/armv8m/arch.h"

namespace bootseal::arch {

// In one piece of assembly, because nothing may be in a register or on the
// stack that the compiler counts on: both are being wiped.
[[gnu::naked, gnu::section(".text.start")]] void Start(
    std::uint32_t /*vector_table: r0*/) {
  __asm__ volatile(
      "cpsid i\n\t"
      "mov r11, r0\n\t"
      "ldrd r0, r12, [r0]\n\t"  // first stack pointer, reset vector
      "movs r1, #0\n\t"
      "msr msplim, r1\n\t"
      "msr psplim, r1\n\t"
      "msr control, r1\n\t"
      "isb\n\t"
      "msr msp, r0\n\t"
      // All of this program's RAM, 32 bytes at a time (sections.ld aligns).
      "ldr r2, =__ram_begin\n\t"
      "ldr r3, =__ram_end\n\t"
      "movs r0, #0\n\t"
      "mov r4, r0\n\t"
      "mov r5, r0\n\t"
      "mov r6, r0\n\t"
      "mov r7, r0\n\t"
      "mov r8, r0\n\t"
      "mov r9, r0\n\t"
      "1: stmia r2!, {r0, r1, r4, r5, r6, r7, r8, r9}\n\t"
      "cmp r2, r3\n\t"
      "blo 1b\n\t"
      // A fault up to here is this program's own affair.
      "ldr r2, =0xe000ed08\n\t"  // VTOR
      "str r11, [r2]\n\t"
      "str r0, [r2, #0x98]\n\t"  // MPU_RLAR
      "str r0, [r2, #0xa0]\n\t"  // MPU_RLAR_A1
      "str r0, [r2, #0xa8]\n\t"  // MPU_RLAR_A2
      "str r0, [r2, #0x8c]\n\t"  // MPU_CTRL
      "mov r2, r0\n\t"
      "mov r3, r0\n\t"
      "mov r10, r0\n\t"
      "mov r11, r0\n\t"
      "mvn lr, #0\n\t"  // as after reset
      "msr apsr_nzcvq, r0\n\t"
      "dsb\n\t"
      "cpsie i\n\t"
      "isb\n\t"
      "bx r12");
}

}  // namespace bootseal::arch

// A small BL32, where a device has OP-TEE: says that it was there and goes on
// to the non-trusted firmware as OP-TEE does, the device tree in r2. It does
// not leave secure state, for there is nothing that it would guard.
#include <cstdint>

#include "firmware/boards/board.h"
#include "firmware/boot/log.h"

extern "C" {

[[gnu::used]] void SayHello() {
  bootseal::boards::Init();
  bootseal::boot::Print("tos-fw: hello from ");
  bootseal::boot::Print(bootseal::boards::kName);
  bootseal::boot::Print("\n");
}

// lr is the non-trusted firmware.
[[gnu::naked, gnu::target("arm"), gnu::section(".entry"), gnu::used]] void
Entry() {
  __asm__ volatile(
      "ldr sp, =__stack_top\n\t"
      "mov r4, lr\n\t"
      "mov r5, r2\n\t"
      "bl SayHello\n\t"
      "mov r0, #0\n\t"
      "mov r1, #0\n\t"
      "mov r2, r5\n\t"
      "mov r3, #0\n\t"
      "bx r4\n\t"
      ".ltorg");
}

}  // extern "C"

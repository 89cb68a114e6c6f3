// The end of a boot that starts nothing: the reason was said on the log, and
// the board's light blinks what kind it is of.
#ifndef BOOTSEAL_FIRMWARE_BOOT_PANIC_H_
#define BOOTSEAL_FIRMWARE_BOOT_PANIC_H_

#include "firmware/arch/armv8m/arch.h"
#include "firmware/boot/blinks.h"

namespace bootseal::boot {

// What the light tells from then on.
void BlinkFor(Blinks blinks);

// Blinks, interrupts off, until the next reset. Nothing arms a watchdog; one
// that runs already resets the device, and it stops here again. In its caller,
// so that a call which is skipped leads to the branches of Halt().
[[noreturn, gnu::always_inline]] inline void Panic(Blinks blinks) {
  BlinkFor(blinks);
  arch::Halt();
}

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_PANIC_H_

// The end of a boot that starts nothing: the reason was said on the log, and
// the board's light blinks what kind it is of.
#ifndef BOOTSEAL_FIRMWARE_BOOT_PANIC_H_
#define BOOTSEAL_FIRMWARE_BOOT_PANIC_H_

#include "firmware/boot/blinks.h"

namespace bootseal::boot {

// Blinks, interrupts off, until the next reset. Nothing arms a watchdog; one
// that runs already resets the device, and it stops here again.
[[noreturn]] void Panic(Blinks blinks);

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_PANIC_H_

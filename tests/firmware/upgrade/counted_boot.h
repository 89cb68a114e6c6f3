// A boot of a device with the counters of boards/flash_counters.cc, which lie
// in the same simulated flash: power goes while they are raised, too.
#ifndef BOOTSEAL_TESTS_FIRMWARE_UPGRADE_COUNTED_BOOT_H_
#define BOOTSEAL_TESTS_FIRMWARE_UPGRADE_COUNTED_BOOT_H_

#include "firmware/upgrade/upgrade.h"

namespace bootseal::tests {

// What firmware/boot does with --counters board. Of a boot that starts
// something it looks at slots, trailers and counters itself; the test fails
// when a counter is above that of its image, or was raised for an image that
// may still be taken back.
upgrade::Outcome BootWithCounters(upgrade::Images images);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_UPGRADE_COUNTED_BOOT_H_

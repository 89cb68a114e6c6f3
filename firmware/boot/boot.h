// The boot flow: let the strategy do what the slots ask for, verify in place,
// say what was found, jump or stop.
#ifndef BOOTSEAL_FIRMWARE_BOOT_BOOT_H_
#define BOOTSEAL_FIRMWARE_BOOT_BOOT_H_

#include "firmware/image/result.h"
#include "firmware/image/verified.h"

namespace bootseal::boot {

// From a started board to the payload, or to a refusal.
[[noreturn]] void Run();

// Starts the payload of the image that was verified, where it was. An object
// that no verifier made, or that was disturbed since, stops the device instead;
// so does a vector table that points outside RAM or the image.
[[noreturn]] void Jump(const image::Verified& verified);

// Says why on the log and stops.
[[noreturn]] void Refuse(image::Error error);
// The same when a part of the device says no: kStorage, or kRules for one that
// holds no key. Nothing when it says kOk.
void RefuseUnlessOk(image::Error error);

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_BOOT_H_

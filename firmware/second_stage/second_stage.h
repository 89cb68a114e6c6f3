// The verifying second stage of an STM32MP1, TF-A BL2's place: bank choice,
// package, jump. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_SECOND_STAGE_SECOND_STAGE_H_
#define BOOTSEAL_FIRMWARE_SECOND_STAGE_SECOND_STAGE_H_

#include "firmware/image/certificate/verified_package.h"
#include "firmware/image/result.h"

namespace bootseal::second_stage {

// From a started board to the package's images, or to a refusal.
[[noreturn]] void Run();

// Starts the trusted firmware (tos-fw) of the package that was verified, where
// it was hashed, as TF-A's BL2 does: secure SVC mode, caches and MMU off, lr
// the non-trusted firmware (nt-fw), to which it is to go, r2 the device tree
// (hw-config); r0, r1, r3 are zero. An object that no verifier made, or that
// was disturbed since, stops the device instead; so does an image that lies
// elsewhere than the board has it run.
[[noreturn]] void Jump(image::certificate::VerifiedPackage package);

// Says why on the log and stops. Where there is a watchdog, it resets the
// device, which tries again.
[[noreturn]] void Refuse(image::Error error);

}  // namespace bootseal::second_stage

#endif  // BOOTSEAL_FIRMWARE_SECOND_STAGE_SECOND_STAGE_H_

// What a bootloader tells of its work, and how much of it, chosen at link time
// (firmware/provision --log): report_full.cc says everything in words,
// report_codes.cc the codes of what was refused, report_none.cc nothing, and
// without the words and the UART's driver. Nothing of it decides anything.
#ifndef BOOTSEAL_FIRMWARE_BOOT_REPORT_H_
#define BOOTSEAL_FIRMWARE_BOOT_REPORT_H_

#include <cstdint>

#include "firmware/arch/armv8m/arch.h"
#include "firmware/image/result.h"
#include "firmware/image/verified.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::boot {

void ReportStart();
void ReportUpgrade(const upgrade::Outcome& outcome);
// The image that is about to be started, verified in slot `slot`.
void ReportImage(const image::Verified& verified, std::uint32_t slot);
void ReportJump(std::uint32_t address);

// Why the device is about to stop.
void ReportRefusal(image::Error error);
void ReportNoKey();
// `flaw` says it in words: the board's flash is not what it was built for.
void ReportFlaw(const char* flaw);
void ReportFault(const arch::FaultCause& cause);

}  // namespace bootseal::boot

#endif  // BOOTSEAL_FIRMWARE_BOOT_REPORT_H_

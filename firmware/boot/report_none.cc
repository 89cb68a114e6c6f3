#include "firmware/boot/report.h"

namespace bootseal::boot {

void ReportStart() {}
void ReportUpgrade(const upgrade::Outcome&) {}
void ReportImage(const image::Verified&, std::uint32_t) {}
void ReportJump(std::uint32_t) {}
void ReportRefusal(image::Error) {}
void ReportNoKey() {}
void ReportFlaw(const char*) {}
void ReportFault(const arch::FaultCause&) {}

}  // namespace bootseal::boot

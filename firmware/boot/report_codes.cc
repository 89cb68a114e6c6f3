#include "firmware/boot/log.h"
#include "firmware/boot/report.h"

namespace bootseal::boot {
namespace {

using image::Error;

void PrintCode(const char* who, Error error) {
  Print(who);
  PrintHex(static_cast<std::uint32_t>(error));
  Print("\n");
}

}  // namespace

void ReportStart() {}

void ReportUpgrade(const upgrade::Outcome& outcome) {
  if (outcome.refused == Error::kOk) return;
  PrintCode("upgrade: refused: ", outcome.refused);
}

void ReportImage(const image::Verified&, std::uint32_t) {}

void ReportJump(std::uint32_t) {}

void ReportRefusal(Error error) { PrintCode("bootseal: refused: ", error); }

void ReportNoKey() { ReportRefusal(Error::kRules); }

void ReportFlaw(const char*) { ReportRefusal(Error::kRules); }

void ReportFault(const arch::FaultCause& cause) {
  Print("\nbootseal: fault\n");
  PrintHex(cause.exception);
  Print(" ");
  PrintHex(cause.status);
  Print("\n");
}

}  // namespace bootseal::boot

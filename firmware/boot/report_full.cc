#include "firmware/boards/board.h"
#include "firmware/boot/log.h"
#include "firmware/boot/report.h"
#include "firmware/crypto/backend.h"

namespace bootseal::boot {
namespace {

using image::Error;

void PrintVersion(const image::mcuboot::Version& version) {
  PrintDecimal(version.major);
  Print(".");
  PrintDecimal(version.minor);
  Print(".");
  PrintDecimal(version.revision);
  Print("+");
  PrintDecimal(version.build);
}

void PrintRefusal(const char* who, const char* reason, Error error) {
  Print(who);
  Print(": refused: ");
  Print(reason);
  Print(" (");
  PrintHex(static_cast<std::uint32_t>(error));
  Print(")\n");
}

}  // namespace

void ReportStart() {
  Print("bootseal ");
  Print(boards::kName);
  Print(" ");
  Print(crypto::kName);
  Print("\n");
}

void ReportUpgrade(const upgrade::Outcome& outcome) {
  if (outcome.refused != Error::kOk) {
    PrintRefusal("upgrade", image::ImageText(outcome.refused), outcome.refused);
  }
  if (outcome.done == nullptr) return;
  Print("upgrade: ");
  Print(outcome.done);
  Print("\n");
}

void ReportImage(const image::Verified& verified, std::uint32_t slot) {
  Print("slot ");
  PrintDecimal(slot);
  Print(": version ");
  PrintVersion(verified.version());
  Print(", counter ");
  PrintDecimal(verified.security_counter());
  Print("\n");
}

void ReportJump(std::uint32_t address) {
  Print("verified; starting at ");
  PrintHex(address);
  Print("\n");
}

void ReportRefusal(Error error) {
  const char* reason = error == Error::kStorage
                           ? "flash cannot be read or written"
                           : image::ImageText(error);
  PrintRefusal("bootseal", reason, error);
}

void ReportNoKey() {
  PrintRefusal("bootseal", "no key provisioned", Error::kRules);
}

void ReportFlaw(const char* flaw) {
  PrintRefusal("bootseal", flaw, Error::kRules);
}

void ReportFault(const arch::FaultCause& cause) {
  Print("\nbootseal: fault\nexception ");
  PrintDecimal(cause.exception);
  Print(", status ");
  PrintHex(cause.status);
  Print("\n");
}

}  // namespace bootseal::boot

#include "firmware/second_stage/second_stage.h"

#include <utility>

#include "firmware/arch/armv7a/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boot/log.h"
#include "firmware/crypto/backend.h"
#include "firmware/second_stage/bank.h"
#include "firmware/second_stage/words.h"

namespace bootseal::second_stage {
namespace {

using boot::Print;
using boot::PrintDecimal;
using image::Bytes;
using image::Error;
using image::Result;
using image::certificate::ImageRole;
using image::certificate::VerifiedPackage;

std::uint32_t AddressOf(Bytes bytes) {
  return static_cast<std::uint32_t>(
      reinterpret_cast<std::uintptr_t>(bytes.data()));
}

// At the start of the image's own place, and not beyond its end.
bool IsWhereItRuns(const VerifiedPackage& package, ImageRole role) {
  const Bytes area = boards::LoadArea(role);
  const Bytes image = package.image(role);
  return image.size() >= 4 && image.data() == area.data() &&
         image.size() <= area.size();
}

void PrintWatchdog(std::uint32_t seconds) {
  if (seconds == 0) return Print("watchdog: none\n");
  Print("watchdog: ");
  PrintDecimal(seconds);
  Print(" s\n");
}

void PrintRefusal(Error error) {
  Print("bootseal: refused: ");
  PrintError(error);
  Print("\n");
}

}  // namespace

void Refuse(Error error) {
  PrintRefusal(error);
  arch::Stop();
}

void Run() {
  const std::uint32_t seconds = boards::StartWatchdog();
  Print("bootseal ");
  Print(boards::kName);
  Print(" ");
  Print(crypto::kName);
  Print("\n");
  PrintWatchdog(seconds);

  Report report;
  report.error = boards::Prepare();
  if (report.error != Error::kOk) {
    WriteReport(report);
    Refuse(report.error);
  }
  Result<Started> started = ChooseBank(report);
  if (!started.ok()) {
    // What was wrong with the last bank says more than that none is left.
    if (report.error == Error::kOk) report.error = started.error();
    WriteReport(report);
    if (started.error() == Error::kRules) {
      Print("no root key fused\n");
    }
    Refuse(started.error());
  }
  const Error raised = RaiseCounter(*started);
  if (raised != Error::kOk) {
    Print("counter: ");
    PrintError(raised);
    Print("\n");
    report.error = raised;
  }
  WriteReport(report, started->selection.reason);
  Jump((*std::move(started)).package);
}

void Jump(VerifiedPackage package) {
  // The branch above may have been glitched; the seal was written by the
  // verifier's last step and by nothing else.
  if (!package.intact()) Refuse(Error::kFault);
  if (!IsWhereItRuns(package, ImageRole::kTosFw) ||
      !IsWhereItRuns(package, ImageRole::kNtFw)) {
    Refuse(Error::kFault);
  }
  arch::Entry entry;
  entry.program = AddressOf(package.image(ImageRole::kTosFw));
  entry.link = AddressOf(package.image(ImageRole::kNtFw));
  entry.arguments[2] = AddressOf(package.image(ImageRole::kHwConfig));

  Print("verified, counter ");
  PrintDecimal(package.trusted_counter());
  Print("; starting tos-fw at ");
  boot::PrintHex(entry.program);
  Print(", nt-fw at ");
  boot::PrintHex(entry.link);
  Print("\n");
  boards::FeedWatchdog();
  if (!package.intact()) Refuse(Error::kFault);
  arch::Start(entry);
}

}  // namespace bootseal::second_stage

// The second stage as a program.
#include "firmware/arch/armv7a/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/log.h"
#include "firmware/second_stage/second_stage.h"

namespace bootseal::arch {
namespace {

const char* NameOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kUndefined:
      return "undefined instruction";
    case FaultKind::kSupervisorCall:
      return "supervisor call";
    case FaultKind::kPrefetchAbort:
      return "prefetch abort";
    case FaultKind::kDataAbort:
      return "data abort";
    case FaultKind::kInterrupt:
      return "interrupt";
    case FaultKind::kFastInterrupt:
      return "fast interrupt";
  }
  return "unknown";
}

}  // namespace

void Main() {
  boards::Init();
  second_stage::Run();
}

// It may have come before the UART was set up, or in the middle of a line.
void OnFault(const Fault& fault) {
  boards::Init();
  boot::Print("\nbootseal: fault: ");
  boot::Print(NameOf(fault.kind));
  boot::Print(" at ");
  boot::PrintHex(fault.program);
  boot::Print(", status ");
  boot::PrintHex(fault.status);
  boot::Print(", address ");
  boot::PrintHex(fault.address);
  boot::Print("\n");
  Stop();
}

}  // namespace bootseal::arch

// The bootloader as a program.
#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/boot.h"
#include "firmware/boot/panic.h"
#include "firmware/boot/report.h"

namespace bootseal::arch {

void Main() {
  boards::Init();
  boot::Run();
}

// It may have come before the UART was set up, or in the middle of a line.
void OnFault() {
  boards::Init();
  boot::ReportFault(CauseOfFault());
  boot::Panic(boot::Blinks::kFault);
}

}  // namespace bootseal::arch

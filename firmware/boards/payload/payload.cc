// A real payload to sign and boot: it says who it is, by the header that it was
// sealed with, and ends the emulator through semihosting.
#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/log.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::arch {
namespace {

// The version's place in the header (facts: mcuboot 1.2).
constexpr std::size_t kVersionOffset = 20;

void PrintVersion() {
  image::Reader reader(boards::PrimarySlot().subspan(kVersionOffset, 8));
  boot::PrintDecimal(reader.U8());
  boot::Print(".");
  boot::PrintDecimal(reader.U8());
  boot::Print(".");
  boot::PrintDecimal(reader.U16());
  boot::Print("+");
  boot::PrintDecimal(reader.U32());
}

// SYS_EXIT with ADP_Stopped_ApplicationExit (Arm semihosting 2.0). Where no
// debugger listens it is a fault, and OnFault stops.
void LeaveEmulator() {
  __asm__ volatile(
      "movs r0, #0x18\n\t"
      "ldr r1, =0x20026\n\t"
      "bkpt 0xab" ::
          : "r0", "r1", "memory");
}

}  // namespace

void Main() {
  boards::Init();
  boot::Print("payload: hello from ");
  boot::Print(boards::kName);
  boot::Print(", version ");
  PrintVersion();
  boot::Print("\n");
  LeaveEmulator();
  Stop();
}

void OnFault() { Stop(); }

void OnStop() {
  for (;;) __asm__ volatile("wfi");
}

}  // namespace bootseal::arch

// The bootloader as a program.
#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/boot.h"
#include "firmware/boot/log.h"

namespace bootseal::arch {

void Main() {
  boards::Init();
  boot::Run();
}

void OnFault() {
  boot::Print("bootseal: fault\n");
  Stop();
}

}  // namespace bootseal::arch

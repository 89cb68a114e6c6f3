// A BL33 that does as it is told: the device tree's place (r2) holds a text, a
// name and what to do, as in "release 2, reset". It says both, with what the
// second stage left in the backup registers, and does it:
//
//   stop   waits for nothing          reset  resets the board at once
//   hang   waits for the watchdog     feed   keeps the watchdog quiet
//   exit   ends the emulator
#include <cstdint>

#include "firmware/boards/board.h"
#include "firmware/boards/payload/restart.h"
#include "firmware/boards/second_stage.h"
#include "firmware/boot/log.h"

namespace bootseal {
namespace {

using boards::BackupRegister;
using boot::Print;

constexpr std::uint32_t kMaxText = 256;

void PrintRegister(const char* name, BackupRegister which) {
  Print(name);
  boot::PrintHex(boards::ReadBackup(which));
}

const char* LastWord(const char* text) {
  const char* word = text;
  for (std::uint32_t i = 0; i < kMaxText && text[i] != '\0'; ++i) {
    if (text[i] == ' ') word = text + i + 1;
  }
  return word;
}

bool Is(const char* word, const char* wanted) {
  for (; *wanted != '\0'; ++word, ++wanted) {
    if (*word != *wanted) return false;
  }
  return *word == '\0';
}

// SYS_EXIT with ADP_Stopped_ApplicationExit (Arm semihosting 2.0).
void LeaveEmulator() {
  __asm__ volatile(
      "mov r0, #0x18\n\t"
      "ldr r1, =0x20026\n\t"
      "svc 0xab" ::
          : "r0", "r1", "memory");
}

[[noreturn]] void Obey(const char* order) {
  if (Is(order, "reset")) boards::Restart();
  if (Is(order, "exit")) LeaveEmulator();
  for (;;) {
    if (Is(order, "feed")) boards::FeedWatchdog();
  }
}

}  // namespace
}  // namespace bootseal

extern "C" {

[[gnu::used]] void Run(const char* text) {
  using namespace bootseal;
  boards::Init();
  Print("nt-fw: ");
  Print(text);
  PrintRegister(", boot ", BackupRegister::kBoot);
  PrintRegister(", report ", BackupRegister::kReport);
  PrintRegister(", error ", BackupRegister::kError);
  Print("\n");
  Obey(LastWord(text));
}

[[gnu::naked, gnu::target("arm"), gnu::section(".entry"), gnu::used]] void
Entry() {
  __asm__ volatile(
      "ldr sp, =__stack_top\n\t"
      "mov r0, r2\n\t"
      "b Run\n\t"
      ".ltorg");
}

}  // extern "C"

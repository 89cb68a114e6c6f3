// ST NUCLEO-L552ZE-Q (UM2581): LPUART1 on PG7 goes to the ST-LINK's virtual COM
// port, LD3 (red) is on PA9. With TrustZone on, secure aliases (RM0438).
#include "firmware/boards/board.h"

#include "firmware/boards/led.h"
#include "firmware/boards/nucleo-l552ze-q/layout.h"
#include "firmware/boards/stm32l5/flash_controller.h"
#include "firmware/boards/stm32l5/flash_registers.h"

namespace bootseal::boards {
namespace {

volatile std::uint32_t& At(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

struct Field {
  std::uintptr_t address;
  std::uint32_t mask;
  std::uint32_t value;
};

void Put(const Field& field) {
  At(field.address) = (At(field.address) & ~field.mask) | field.value;
}

bool Holds(const Field& field) {
  return (At(field.address) & field.mask) == field.value;
}

constexpr std::uint32_t kPatience = 100'000;

bool ComesTo(const Field& field) {
  for (std::uint32_t looks = 0; looks < kPatience; ++looks) {
    if (Holds(field)) return true;
  }
  return false;
}

constexpr std::uintptr_t kPower = 0x50007000;
constexpr std::uintptr_t kUart = 0x50008000;
constexpr std::uintptr_t kClocks = 0x50021000;
constexpr std::uintptr_t kFlash = 0x50022000;
constexpr std::uintptr_t kCache = 0x50030400;
constexpr std::uintptr_t kPortA = 0x52020000;
constexpr std::uintptr_t kPortG = 0x52021800;
constexpr std::uintptr_t kSau = 0xe000edd0;

// What TF-M's own bootloader leaves behind: 110 MHz from the PLL, on MSI.
// Should it not come up, MSI's 4 MHz go on.
constexpr std::uint32_t kFastHertz = 110'000'000;
constexpr std::uint32_t kResetHertz = 4'000'000;
constexpr Field kRunsFast{kClocks + 0x08, 0x0c, 0x0c};  // CFGR.SWS

struct Step {
  Field put;
  Field wait;
};
constexpr Step kToFast[] = {
    // PWR clock; then voltage range 0, for more than 80 MHz
    {{kClocks + 0x58, 1U << 28, 1U << 28},
     {kClocks + 0x58, 1U << 28, 1U << 28}},
    {{kPower + 0x00, 3U << 9, 0}, {kPower + 0x14, 1U << 10, 0}},
    // PLLCFGR: MSI, /1, x55, R /2 enabled
    {{kClocks + 0x0c, 0xffffffff, 1U | 55U << 8 | 1U << 24}, {kClocks, 2, 2}},
    {{kClocks, 1U << 24, 1U << 24}, {kClocks, 1U << 25, 1U << 25}},
    // five wait states, and the instruction cache that hides them
    {{kFlash, 0xf, 5}, {kFlash, 0xf, 5}},
    {{kCache, 1, 1}, {kCache, 1, 1}},
    // half the speed first, for more than 1 us
    {{kClocks + 0x08, 0xf3, 0x83}, kRunsFast},
    {{kClocks + 0x08, 0xf0, 0}, kRunsFast},
};

void SpeedUp() {
  if (Holds(kRunsFast)) return;
  for (const Step& step : kToFast) {
    Put(step.put);
    if (!ComesTo(step.wait)) return;
  }
}

std::uint32_t Hertz() { return Holds(kRunsFast) ? kFastHertz : kResetHertz; }

constexpr Field kPins[] = {
    {kClocks + 0x4c, 1U | 1U << 6, 1U | 1U << 6},  // ports A and G
    {kClocks + 0x5c, 1, 1},                        // LPUART1
    {kPower + 0x04, 1U << 9, 1U << 9},             // port G has power: IOSV
    {kPortA + 0x28, 0xffffffff, 1U << 9},          // LD3 off
    {kPortA + 0x00, 3U << 18, 1U << 18},           // output
    {kPortG + 0x20, 0xfU << 28, 8U << 28},         // PG7 is AF8
    {kPortG + 0x00, 3U << 14, 2U << 14},
};

// The slots behind this are not secure, and secure code reads and writes them
// as such (flash.cc). What follows sets its own.
constexpr std::uint32_t kNonSecureBegin =
    stm32l5::kNonSecureAlias + nucleo::kSecureEnd;
constexpr std::uint32_t kNonSecureEnd =
    stm32l5::kNonSecureAlias + stm32l5::kFlashSize;

void AttributeMemory() {
  At(kSau + 0x08) = 0;  // RNR
  At(kSau + 0x0c) = kNonSecureBegin;
  At(kSau + 0x10) = (kNonSecureEnd - 32) | 1;
  At(kSau) = 1;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

}  // namespace

extern const char kName[] = "nucleo-l552ze-q";

void Init() {
  SpeedUp();
  for (const Field& field : kPins) Put(field);
  constexpr std::uint32_t kBaud = 115'200;
  At(kUart + 0x00) = 0;
  At(kUart + 0x0c) =
      static_cast<std::uint32_t>(std::uint64_t{Hertz()} * 256 / kBaud);
  At(kUart + 0x00) = 1U | 1U << 3;  // UE, TE
  AttributeMemory();
}

void Write(char character) {
  // A line that does not move is no reason to hang without a word.
  static_cast<void>(ComesTo({kUart + 0x1c, 1U << 7, 1U << 7}));
  At(kUart + 0x28) = static_cast<std::uint8_t>(character);
}

Range Ram() { return {0x30000000, 0x30040000}; }

void Show(Led led) { At(kPortA + 0x18) = led == Led::kOn ? 1U << 9 : 1U << 25; }

std::uint32_t LoopsPerTick() { return Hertz() / 10 / 3; }

}  // namespace bootseal::boards

extern "C" {
[[noreturn]] void Fault();
void NonMaskable();
}

// Two wrong bits in flash are no fault where a cut-off write may have left
// them.
void NonMaskable() {
  using bootseal::boards::nucleo::kProgramEnd;
  if (!bootseal::boards::stm32l5::ServeNonMaskable(kProgramEnd)) Fault();
}

// Arm MPS2+ with image AN505, secure aliases (ARM DAI 0505).
#include "firmware/boards/board.h"
#include "firmware/boards/cmsdk/uart.h"

namespace bootseal::boards {
namespace {

using Uart0 = cmsdk::Uart<0x50200000>;
constexpr std::uint32_t kClockHertz = 20'000'000;
constexpr std::uint32_t kBaud = 115'200;

constexpr std::uint32_t kSlot = 0x10100000;  // in SSRAM1
constexpr std::uint32_t kSlotSize = 0x80000;

}  // namespace

extern const char kName[] = "mps2-an505";

void Init() { Uart0::Init(kClockHertz, kBaud); }

void Write(char character) { Uart0::Write(character); }

image::Bytes PrimarySlot() {
  return {reinterpret_cast<const std::byte*>(kSlot), kSlotSize};
}

Range Ram() { return {0x38000000, 0x38400000}; }  // SSRAM2 and SSRAM3

}  // namespace bootseal::boards

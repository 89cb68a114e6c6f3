// A board like the others but for its slot, of which only the beginning is
// there: kSlot, which the test defines, lies near the end of SSRAM1. Included
// behind the rules of a test, it takes the place of the archive's board.cc.
#include "firmware/boards/board.h"
#include "firmware/boards/cmsdk/uart.h"

namespace bootseal::boards {
namespace {

using Uart0 = cmsdk::Uart<0x50200000>;

}  // namespace

extern const char kName[] = "edge";

void Init() { Uart0::Init(20'000'000, 115'200); }

void Write(char character) { Uart0::Write(character); }

image::Bytes PrimarySlot() {
  return {reinterpret_cast<const std::byte*>(kSlot), 0x80000};
}

Range Ram() { return {0x38000000, 0x38400000}; }

}  // namespace bootseal::boards

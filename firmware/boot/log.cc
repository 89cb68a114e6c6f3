#include "firmware/boot/log.h"

#include "firmware/boards/board.h"

namespace bootseal::boot {

void Print(const char* text) {
  for (; *text != '\0'; ++text) {
    if (*text == '\n') boards::Write('\r');
    boards::Write(*text);
  }
}

void PrintDecimal(std::uint32_t number) {
  char digits[11];
  char* first = digits + sizeof(digits) - 1;
  *first = '\0';
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  Print(first);
}

void PrintHex(std::uint32_t number) {
  Print("0x");
  for (int shift = 28; shift >= 0; shift -= 4) {
    boards::Write("0123456789abcdef"[number >> shift & 0xf]);
  }
}

}  // namespace bootseal::boot

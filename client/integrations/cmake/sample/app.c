// Says over the UART of mps2-an521 which version it was signed as: the one in
// the header that the server put in front of it.
#include <stdint.h>

static volatile uint32_t* const kUart = (volatile uint32_t*)0x50200000;
static const volatile uint8_t* const kVersion =
    (const volatile uint8_t*)(0x10100000 + 20);

static unsigned lines;

static void put(char character) {
  while (kUart[1] & 1) {
  }
  kUart[0] = (uint8_t)character;
}

static void print(const char* text) {
  while (*text) put(*text++);
}

static void print_decimal(unsigned number) {
  if (number > 9) print_decimal(number / 10);
  put((char)('0' + number % 10));
}

int main(void) {
  kUart[4] = 16;  // divider
  kUart[2] = 1;   // transmit
  print("payload: sample, version ");
  print_decimal(kVersion[0]);
  put('.');
  print_decimal(kVersion[1]);
  put('.');
  print_decimal(kVersion[2] | (unsigned)kVersion[3] << 8);
  print(", line ");
  print_decimal(++lines);
  put('\n');
  return 0;
}

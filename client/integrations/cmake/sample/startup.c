// From the bootloader's jump to main(): vector table, stack, data and bss.
#include <stdint.h>

extern uint32_t stack_top[];
extern const uint32_t data_load[];
extern uint32_t data_begin[];
extern uint32_t data_end[];
extern uint32_t bss_begin[];
extern uint32_t bss_end[];

int main(void);
void reset(void);

static void stop(void) {
  for (;;) __asm__ volatile("wfi");
}

struct vector_table {
  uint32_t* stack;
  void (*handlers[15])(void);  // reset, then NMI to SysTick
};

__attribute__((section(".vectors"),
               used)) static const struct vector_table vectors = {
    stack_top,
    {reset, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop, stop,
     stop, stop, stop}};

void reset(void) {
  const uint32_t* from = data_load;
  for (uint32_t* to = data_begin; to != data_end;) *to++ = *from++;
  for (uint32_t* to = bss_begin; to != bss_end;) *to++ = 0;
  main();
  stop();
}

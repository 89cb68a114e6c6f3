// Output over UART4: 115200 8N1, RM0436 chapter USART. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_BOARDS_STM32MP_USART_H_
#define BOOTSEAL_FIRMWARE_BOARDS_STM32MP_USART_H_

namespace bootseal::boards::stm32mp {

// Whatever it was set to; its clock runs (clock.h).
void StartUsart();

// Returns when the character was taken; at the end of a line, when it has left:
// what is started may set the UART anew. One that takes none loses it.
void Send(char character);

}  // namespace bootseal::boards::stm32mp

#endif  // BOOTSEAL_FIRMWARE_BOARDS_STM32MP_USART_H_

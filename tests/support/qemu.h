// Boots a bootloader and an image in QEMU and listens to its UART.
#ifndef BOOTSEAL_TESTS_SUPPORT_QEMU_H_
#define BOOTSEAL_TESTS_SUPPORT_QEMU_H_

#include <chrono>
#include <string>
#include <vector>

namespace bootseal::tests {

struct Boot {
  std::string board;  // machine name: "mps2-an505"
  std::string elf;    // bootloader
  std::string image;  // file put into slot 0; empty: the slot holds zeros
  std::vector<std::string> options = {};  // further options for QEMU
};

// What the UART said, without carriage returns, until a line holds `expected`,
// QEMU ends by itself, or `limit` is over. QEMU is gone on return.
std::string UartOf(const Boot& boot, const std::string& expected,
                   std::chrono::milliseconds limit = std::chrono::seconds(20));

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_QEMU_H_

// Boots a bootloader and an image in QEMU and listens to its UART.
#ifndef BOOTSEAL_TESTS_SUPPORT_QEMU_H_
#define BOOTSEAL_TESTS_SUPPORT_QEMU_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace bootseal::tests {

struct Boot {
  std::string board;  // machine name: "mps2-an505"
  std::string elf;    // bootloader; empty: `options` bring it
  std::string image;  // file put into slot 0; empty: the slot holds zeros
  std::vector<std::string> options = {};  // further options for QEMU
  std::string slot = "0x10100000";        // address of slot 0
};

// QEMU, running; gone with this object. Not thread-safe.
class Emulator {
 public:
  explicit Emulator(const Boot& boot);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  // All that the UART has said, without carriage returns: listens until a line
  // holds `expected`, QEMU ends by itself, or `limit` is over. A limit of 0
  // takes what is there.
  std::string Uart(const std::string& expected,
                   std::chrono::milliseconds limit = std::chrono::seconds(20));
  // The same of what it says from character `from` on.
  std::string UartSince(
      std::size_t from, const std::string& expected,
      std::chrono::milliseconds limit = std::chrono::seconds(20));

  // Types on the UART. False when QEMU takes nothing.
  bool Type(const std::string& text);
  // Listens until `text` comes, in a line that is complete or not, behind what
  // an earlier call found.
  bool Says(const std::string& text,
            std::chrono::milliseconds limit = std::chrono::seconds(20));

 private:
  bool ReadMore(std::chrono::steady_clock::time_point deadline);

  pid_t pid_ = -1;
  int output_ = -1;
  int input_ = -1;
  std::string text_;
  std::size_t said_ = 0;
};

// The same in one go; QEMU is gone on return.
std::string UartOf(const Boot& boot, const std::string& expected,
                   std::chrono::milliseconds limit = std::chrono::seconds(20));

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_QEMU_H_

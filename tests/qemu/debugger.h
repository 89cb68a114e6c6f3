// A board in QEMU under a debugger: stopped before its first instruction, run
// to an address, disturbed, looked at. Speaks GDB's remote protocol with QEMU
// over a socket of the test's own. Not thread-safe; what goes wrong between
// test and QEMU fails the test.
#ifndef BOOTSEAL_TESTS_QEMU_DEBUGGER_H_
#define BOOTSEAL_TESTS_QEMU_DEBUGGER_H_

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/qemu.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

// GDB's numbers of the core's registers.
enum Register : unsigned { kR0 = 0, kSp = 13, kLr = 14, kPc = 15, kXpsr = 25 };

// SYSm of MRS (ARM DDI 0553, D1.1).
enum class Special : std::uint16_t {
  kMsplim = 0x0a,
  kPsplim = 0x0b,
  kPrimask = 0x10,
  kBasepri = 0x11,
  kFaultmask = 0x13,
  kControl = 0x14,
};

// The address of the one function or object of `elf` whose demangled name
// begins with `name`; without the Thumb bit. 0 fails the test.
std::uint32_t AddressOf(const std::string& elf, const std::string& name);

class Debugger {
 public:
  explicit Debugger(Boot boot);
  ~Debugger();
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

  std::uint32_t Get(unsigned core_register);
  void Set(unsigned core_register, std::uint32_t value);
  // Memory and the registers of devices.
  std::uint32_t Word(std::uint32_t address);
  std::string Read(std::uint32_t address, std::size_t size);
  // RAM only.
  void Write(std::uint32_t address, const std::string& bytes);

  // Whatever goes on from now on halts before this instruction.
  void BreakAt(std::uint32_t address);
  // Goes on until `address` is about to be executed. False when it came first
  // to another BreakAt(), or nowhere within seconds; it is halted all the same.
  bool RunTo(std::uint32_t address);
  // Goes on for some time, or to the next BreakAt(); it is halted then.
  void RunFor(std::chrono::milliseconds time);
  // Executes the next instruction, or leaves it out.
  void Step();
  void Skip();
  // As when power comes.
  void Reset();

  // False once QEMU ended by itself, which it does when the core locks up or
  // the payload says that it is done. Nothing can be asked then.
  bool alive() const { return alive_; }

  // The core's registers, all at once.
  std::string Registers() { return Ask("g"); }
  void SetRegisters(const std::string& registers) { Ask("G" + registers); }

  // These halfwords of Thumb code come next, with r0 and r1 set, and after them
  // a loop that does nothing.
  void Inject(std::initializer_list<std::uint16_t> code, std::uint32_t r0 = 0,
              std::uint32_t r1 = 0);
  // The same, run to its end: what r0 holds then. Every register is as before.
  std::uint32_t Execute(std::initializer_list<std::uint16_t> code,
                        std::uint32_t r0 = 0, std::uint32_t r1 = 0);
  std::uint32_t Get(Special special);
  // Stores a word as the program would: devices take it, too.
  void Store(std::uint32_t address, std::uint32_t value);

  // See Emulator::Uart.
  std::string Uart(const std::string& expected) {
    return board_->Uart(expected);
  }
  // Goes on to where a refusal ends; what was said from character `from` on.
  std::string RunToRefusal(std::size_t from = 0);
  // What was said from character `from` on, as Emulator::UartSince.
  std::string UartSince(std::size_t from, const std::string& expected) {
    return board_->UartSince(from, expected);
  }
  // What was said so far.
  std::string Uart() { return board_->Uart("\n\n\n", std::chrono::seconds(0)); }

 private:
  void Go();
  void Halt();
  std::string Ask(const std::string& command);
  void Send(const std::string& command);
  std::optional<std::string> Reply(int limit_milliseconds);

  TemporaryFolder folder_;
  std::string elf_;
  // For code: the bootloader executes nothing but its own, and comes to this
  // part of it but once.
  std::uint32_t scratch_ = 0;
  std::unique_ptr<Emulator> board_;
  int connection_ = -1;
  bool alive_ = true;
  std::string received_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_QEMU_DEBUGGER_H_

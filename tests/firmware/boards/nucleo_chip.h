// A program of the NUCLEO-L552ZE-Q in an emulated Cortex-M33 (libunicorn): the
// core is real, flash is the model of its controller, and of the other devices
// there is what a bootloader looks at. Not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_BOARDS_NUCLEO_CHIP_H_
#define BOOTSEAL_TESTS_FIRMWARE_BOARDS_NUCLEO_CHIP_H_

#include <unicorn/unicorn.h>

#include <cstdint>
#include <map>
#include <string>

#include "tests/firmware/boards/flash_model.h"

namespace bootseal::tests {

class NucleoChip {
 public:
  // `program`: what lies at the start of flash, as objcopy makes it.
  NucleoChip(FlashOptions options, const std::string& program);
  ~NucleoChip();
  NucleoChip(const NucleoChip&) = delete;
  NucleoChip& operator=(const NucleoChip&) = delete;

  FlashModel& flash() { return flash_; }
  // The PLL does not come up.
  void BreakClock() { clock_breaks_ = true; }

  // From reset, until something else than the bootloader would be executed, or
  // the light went on `blinks` times, or `instructions` are over.
  void Run(int blinks, std::uint64_t instructions);

  // Executes a function of the program, where Run() stopped: whether it came
  // back. Otherwise as Run().
  bool Call(std::uint32_t function, int blinks, std::uint64_t instructions);

  // What came out of LPUART1, without carriage returns; it has to be switched
  // on and at 115200 baud for what the core is clocked with.
  const std::string& uart() const { return uart_; }
  int blinks() const { return blinks_; }
  // Where it left the bootloader for; 0: it did not.
  std::uint32_t left_for() const { return left_for_; }
  std::uint32_t Register(std::uint32_t address) const;

 private:
  std::uint64_t Load(std::uint32_t address, unsigned size);
  void Store(std::uint32_t address, std::uint32_t value);
  std::uint32_t LoadDevice(std::uint32_t address);
  void MapDevices();
  bool TransmitsRight() const;

  FlashModel flash_;
  uc_engine* engine_ = nullptr;
  std::map<std::uint32_t, std::uint32_t> registers_;
  bool clock_breaks_ = false;
  std::string uart_;
  int blinks_ = 0;
  int most_blinks_ = 0;
  std::uint32_t left_for_ = 0;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_BOARDS_NUCLEO_CHIP_H_

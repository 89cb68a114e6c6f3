// The registers of an STM32MP15 or STM32MP13, with the rules that their
// reference manuals (RM0436, RM0475) give for each, behind the functions of
// boards/stm32mp/port.h; which of the two, kName says. Where a manual leaves
// room it is the stricter one. Time passes with each look at a status. Public
// members are what a test sets up or looks at. Not thread-safe.
#ifndef BOOTSEAL_TESTS_FIRMWARE_STM32MP_CHIP_MODEL_H_
#define BOOTSEAL_TESTS_FIRMWARE_STM32MP_CHIP_MODEL_H_

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/firmware/stm32mp/sdmmc_model.h"

namespace bootseal::tests {

// An access that never ends on the chip.
struct Hang {};

struct UsartModel {
  bool dead = false;       // takes nothing
  std::uint32_t slow = 2;  // looks for a character
  std::string sent;
  bool complete() const { return waiting == 0; }

  std::uint32_t waiting = 0;
  std::map<std::uint32_t, std::uint32_t> registers;
  std::uint32_t Get(std::uint32_t offset);
  void Set(std::uint32_t offset, std::uint32_t value, Violations& violations);
};

struct TampModel {
  bool writable_never = false;  // DBP does not come
  bool tampered = false;        // an event that was not acknowledged
  bool zones_locked = false;
  std::array<std::uint32_t, 32> backup{};
  std::uint32_t security = 0;
  std::uint32_t counter = 0;
  std::uint32_t lost_writes = 0;

  std::uint32_t control = 0;  // PWR_CR1
  std::uint32_t until_writable = 0;
  std::uint32_t Get(std::uint32_t offset) const;
  void Set(std::uint32_t offset, std::uint32_t value);
  std::uint32_t GetPower();
  void SetPower(std::uint32_t value);
};

struct IwdgModel {
  bool clock_dead = false;
  bool running = false;
  std::uint32_t feeds = 0;
  double seconds() const;  // until it resets

  std::uint32_t prescaler = 0, reload = 0xfff;
  std::uint32_t updates = 0, until_taken = 0;
  bool open = false;
  std::uint32_t Get(std::uint32_t offset);
  void Set(std::uint32_t offset, std::uint32_t value, Violations& violations);
};

struct BsecModel {
  std::array<std::uint32_t, 96> cells{};
  std::array<std::uint32_t, 96> loaded{};
  std::set<std::uint32_t> errors, disturbed, read_locked;
  bool invalid = false, power_dead = false, busy_forever = false;
  std::uint32_t identity = 0x00100032;
  std::uint32_t loads = 0;

  std::uint32_t configuration = 0x1c;
  std::uint32_t busy = 0, until_powered = 0, loading = 0;
  std::uint32_t Get(std::uint32_t offset, Violations& violations);
  void Set(std::uint32_t offset, std::uint32_t value, Violations& violations);
};

struct DdrModel {
  std::uint32_t mode = 1;            // of the controller
  std::uint32_t bytes = 0x20000000;  // above: the same again
  std::uint32_t stuck_high = 0, stuck_low = 0;
  std::map<std::uint32_t, std::uint32_t> words;
  std::uint32_t accesses = 0;
};

class ChipModel {
 public:
  // After reset, as the boot ROM leaves it; the chip's until the next is made.
  ChipModel();
  ~ChipModel();
  ChipModel(const ChipModel&) = delete;
  ChipModel& operator=(const ChipModel&) = delete;
  static ChipModel& Current();

  // Throw Hang.
  std::uint32_t Get(std::uint32_t address);
  void Set(std::uint32_t address, std::uint32_t value);

  bool hsi_dead = false;
  bool is_15 = false;
  UsartModel usart;
  SdmmcModel sdmmc;
  TampModel tamp;
  IwdgModel iwdg;
  BsecModel bsec;
  DdrModel ddr;
  // SRAM3 of the STM32MP13.
  std::map<std::uint32_t, std::uint32_t> sram3;
  bool was_reset = false;
  // What a driver must not do, whatever the chip would make of it.
  Violations violations;

  std::uint32_t& Rcc(std::uint32_t offset) { return rcc_[offset]; }
  // "AF6 at speed 0", or what else the pin is.
  std::string PinOf(char port, unsigned number) const;
  void DdrClocks(std::uint32_t bits);

 private:
  struct Layout;
  static const Layout& LayoutOf(bool is_15);
  bool HasClock(std::uint32_t offset, unsigned bit, const char* name);
  std::uint32_t Hertz() const;
  std::uint32_t GetRcc(std::uint32_t offset);
  void SetRcc(std::uint32_t offset, std::uint32_t value);
  bool MayUse(std::uint32_t block);

  const Layout* layout_;
  std::map<std::uint32_t, std::uint32_t> rcc_;
  std::map<std::uint32_t, std::uint32_t> gpio_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_STM32MP_CHIP_MODEL_H_

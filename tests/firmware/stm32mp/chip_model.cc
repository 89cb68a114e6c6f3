#include "tests/firmware/stm32mp/chip_model.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "firmware/boards/board.h"
#include "firmware/boards/stm32mp/port.h"

namespace bootseal::tests {
namespace {

constexpr std::uint32_t kRccBlock = 0x50000000, kPwrBlock = 0x50001000,
                        kGpioA = 0x50002000, kGpioEnd = 0x5000b000,
                        kUart4 = 0x40010000, kSdmmc1 = 0x58005000,
                        kIwdg2 = 0x5a002000, kDdrController = 0x5a003000,
                        kBsec = 0x5c005000, kTamp = 0x5c00a000,
                        kSram3 = 0x30006000, kSram3End = 0x30008000,
                        kDdr = 0xc0000000;

ChipModel* current = nullptr;

}  // namespace

// Offsets in RCC, as the reference manuals have them.
struct ChipModel::Layout {
  std::uint32_t oscillators, ready, hsi, uart_source, sdmmc_source, sdmmc_reset,
      ddr, reset, uart, gpio, iwdg, apb5, sdmmc;
};

const ChipModel::Layout& ChipModel::LayoutOf(bool is_15) {
  static constexpr Layout k15{0x00c, 0x808, 0x018, 0x8e8, 0x8f4, 0x198, 0x0d8,
                              0x404, 0xa00, 0xa28, 0x200, 0x208, 0x218};
  static constexpr Layout k13{0x420, 0x428, 0x440, 0x61c, 0x648, 0x6f0, 0x5c0,
                              0x114, 0x700, 0x768, 0x728, 0x740, 0x780};
  return is_15 ? k15 : k13;
}

ChipModel::ChipModel()
    : is_15(std::string_view(boards::kName) == "stm32mp15"),
      layout_(&LayoutOf(is_15)) {
  current = this;
  rcc_[layout_->oscillators] = 1;
  // The ROM read the card, through another clock.
  rcc_[layout_->sdmmc_source] = 2;
}
ChipModel::~ChipModel() { current = nullptr; }
ChipModel& ChipModel::Current() { return *current; }

void ChipModel::DdrClocks(std::uint32_t bits) { rcc_[layout_->ddr] = bits; }

bool ChipModel::HasClock(std::uint32_t offset, unsigned bit, const char* name) {
  if ((rcc_[offset] >> bit & 1) != 0) return true;
  violations.push_back(absl::StrCat(name, " without its clock"));
  return false;
}

std::uint32_t ChipModel::Hertz() const {
  return 64'000'000U >>
         (rcc_.contains(layout_->hsi) ? rcc_.at(layout_->hsi) & 3 : 0);
}

std::uint32_t ChipModel::GetRcc(std::uint32_t offset) {
  if (offset == layout_->ready) {
    return !hsi_dead && (rcc_[layout_->oscillators] & 1) != 0 ? 1 : 0;
  }
  return rcc_[offset];
}

void ChipModel::SetRcc(std::uint32_t offset, std::uint32_t value) {
  const Layout& at = *layout_;
  for (const std::uint32_t set : {at.oscillators, at.sdmmc_reset, at.uart,
                                  at.gpio, at.iwdg, at.apb5, at.sdmmc}) {
    if (offset == set) {
      rcc_[set] |= value;
      return;
    }
    if (offset == set + 4) {
      rcc_[set] &= ~value;
      if (set == at.sdmmc_reset && (value & 1U << 16) != 0) sdmmc.Reset();
      return;
    }
  }
  if (offset == at.reset) was_reset = (value & 1) != 0;
  if (offset != at.uart_source && offset != at.sdmmc_source &&
      offset != at.reset) {
    violations.push_back(absl::StrCat("RCC written at ", absl::Hex(offset)));
  }
  rcc_[offset] = value;
}

// Clock and reset of the block that an address is in.
bool ChipModel::MayUse(std::uint32_t block) {
  const Layout& at = *layout_;
  switch (block) {
    case kUart4:
      if ((rcc_[at.uart_source] & 7) != 2)
        violations.push_back("UART not on HSI");
      return HasClock(at.uart, 16, "UART4");
    case kSdmmc1:
      if ((rcc_[at.sdmmc_source] & 7) != 3)
        violations.push_back("SDMMC not on HSI");
      if ((rcc_[at.sdmmc_reset] & 1U << 16) != 0) {
        violations.push_back("SDMMC1 in reset");
        return false;
      }
      return HasClock(at.sdmmc, 16, "SDMMC1");
    case kIwdg2:
      return HasClock(at.iwdg, 15, "IWDG2");
    case kBsec:
      return HasClock(at.apb5, 16, "BSEC");
    case kTamp:
      return HasClock(at.apb5, 8, "TAMP");
    default:
      return true;
  }
}

std::uint32_t ChipModel::Get(std::uint32_t address) {
  const std::uint32_t offset = address & 0xfff;
  const std::uint32_t block = address & ~std::uint32_t{0xfff};
  if (address >= kDdr) {
    if (ddr.mode != 1 || (rcc_[layout_->ddr] & 0x41) != 0x41) throw Hang();
    ++ddr.accesses;
    return (ddr.words[(address - kDdr) % ddr.bytes] | ddr.stuck_high) &
           ~ddr.stuck_low;
  }
  if (!is_15 && address >= kSram3 && address < kSram3End) return sram3[address];
  if (block >= kGpioA && block < kGpioEnd) return gpio_[address];
  if (!MayUse(block)) return 0;
  switch (block) {
    case kRccBlock:
      return GetRcc(offset);
    case kPwrBlock:
      return offset == 0 ? tamp.GetPower() : 0;
    case kUart4:
      return usart.Get(offset);
    case kSdmmc1:
      return sdmmc.Get(offset, violations);
    case kIwdg2:
      return iwdg.Get(offset);
    case kBsec:
      return bsec.Get(offset, violations);
    case kTamp:
      return tamp.Get(offset);
    case kDdrController:
      if ((rcc_[layout_->ddr] & 0x40) == 0) throw Hang();
      return offset == 4 ? ddr.mode : 0;
    default:
      violations.push_back(absl::StrCat("read at ", absl::Hex(address)));
      return 0;
  }
}

void ChipModel::Set(std::uint32_t address, std::uint32_t value) {
  const std::uint32_t offset = address & 0xfff;
  const std::uint32_t block = address & ~std::uint32_t{0xfff};
  if (address >= kDdr) {
    if (ddr.mode != 1 || (rcc_[layout_->ddr] & 0x41) != 0x41) throw Hang();
    ++ddr.accesses;
    ddr.words[(address - kDdr) % ddr.bytes] = value;
    return;
  }
  if (block >= kGpioA && block < kGpioEnd) {
    if (HasClock(layout_->gpio, (block - kGpioA) / 0x1000, "GPIO")) {
      gpio_[address] = value;
    }
    return;
  }
  if (!MayUse(block)) return;
  switch (block) {
    case kRccBlock:
      return SetRcc(offset, value);
    case kPwrBlock:
      return tamp.SetPower(value);
    case kUart4:
      return usart.Set(offset, value, violations);
    case kSdmmc1:
      return sdmmc.Set(offset, value, Hertz(), violations);
    case kIwdg2:
      return iwdg.Set(offset, value, violations);
    case kBsec:
      return bsec.Set(offset, value, violations);
    case kTamp:
      return tamp.Set(offset, value);
    default:
      violations.push_back(absl::StrCat("written at ", absl::Hex(address)));
  }
}

std::string ChipModel::PinOf(char port, unsigned number) const {
  const std::uint32_t base =
      kGpioA + 0x1000 * static_cast<std::uint32_t>(port - 'A');
  const auto field = [&](std::uint32_t offset, unsigned width, unsigned index) {
    const auto found = gpio_.find(base + offset);
    const std::uint32_t value = found == gpio_.end() ? 0 : found->second;
    return value >> width * index & ((1U << width) - 1);
  };
  if (field(0, 2, number) != 2) return "no function";
  return absl::StrCat("AF", field(0x20 + number / 8 * 4, 4, number % 8),
                      " at speed ", field(8, 2, number));
}

// UART4.

std::uint32_t UsartModel::Get(std::uint32_t offset) {
  if (offset != 0x1c) return registers[offset];
  if (waiting != 0 && !dead) --waiting;
  std::uint32_t status = 0;
  const bool on = (registers[0] & 9) == 9;
  if (on && !dead) status |= 1U << 21;
  if (on && !dead && waiting == 0) status |= 1U << 6 | 1U << 7;
  return status;
}

void UsartModel::Set(std::uint32_t offset, std::uint32_t value,
                     Violations& violations) {
  if (offset == 0x28) {
    if ((registers[0] & 9) != 9) violations.push_back("character before TE");
    if (waiting != 0 || dead) violations.push_back("character without TXE");
    waiting = slow;
    sent += static_cast<char>(value);
    return;
  }
  if (offset != 0 && (registers[0] & 1) != 0) {
    violations.push_back("UART changed while it is on");
  }
  registers[offset] = value;
}

// TAMP, and its write protection in PWR.

std::uint32_t TampModel::GetPower() {
  const bool set = (control & 1U << 8) != 0;
  if (set && (writable_never || until_writable != 0)) {
    if (until_writable != 0) --until_writable;
    return control & ~(1U << 8);
  }
  return control;
}

void TampModel::SetPower(std::uint32_t value) {
  control = value;
  until_writable = 3;
}

std::uint32_t TampModel::Get(std::uint32_t offset) const {
  if (offset == 0x20) return security;
  if (offset == 0x40) return counter;
  if (offset >= 0x100 && offset < 0x180 && !tampered) {
    return backup[(offset - 0x100) / 4];
  }
  return 0;
}

void TampModel::Set(std::uint32_t offset, std::uint32_t value) {
  const bool writable =
      (control & 1U << 8) != 0 && !writable_never && until_writable == 0;
  if (!writable) {
    ++lost_writes;
    return;
  }
  if (offset == 0x20 && !zones_locked) security = value;
  if (offset == 0x40) ++counter;
  if (offset >= 0x100 && offset < 0x180 && !tampered) {
    backup[(offset - 0x100) / 4] = value;
  }
}

// IWDG2.

double IwdgModel::seconds() const {
  return (reload + 1.0) * (4U << prescaler) / 32'000;
}

std::uint32_t IwdgModel::Get(std::uint32_t offset) {
  if (offset != 0xc) return offset == 4 ? prescaler : offset == 8 ? reload : 0;
  if (until_taken != 0 && !clock_dead && --until_taken == 0) updates = 0;
  return updates;
}

void IwdgModel::Set(std::uint32_t offset, std::uint32_t value,
                    Violations& violations) {
  if (offset == 0) {
    open = value == 0x5555;
    if (value == 0xcccc) running = true;
    if (value == 0xaaaa) ++feeds;
    return;
  }
  const std::uint32_t update = offset == 4 ? 1 : 2;
  if (!open) {
    violations.push_back("watchdog changed without its key");
    return;
  }
  if ((updates & update) != 0) {
    violations.push_back("watchdog changed while it takes a value");
    return;
  }
  (offset == 4 ? prescaler : reload) = value;
  updates |= update;
  until_taken = 30;
}

// BSEC.

std::uint32_t BsecModel::Get(std::uint32_t offset, Violations& violations) {
  const auto bank = [&](const std::set<std::uint32_t>& words,
                        std::uint32_t base) {
    std::uint32_t bits = 0;
    for (const std::uint32_t word : words) {
      if (word / 32 == (offset - base) / 4) bits |= 1U << word % 32;
    }
    return bits;
  };
  if (offset == 0x000) return configuration;
  if (offset == 0xff8) return identity;
  if (offset >= 0x01c && offset < 0x028) return bank(disturbed, 0x01c);
  if (offset >= 0x034 && offset < 0x040) return bank(errors, 0x034);
  if (offset >= 0x094 && offset < 0x0a0) return bank(read_locked, 0x094);
  if (offset >= 0x200 && offset < 0x200 + 4 * 96) {
    if (busy != 0) violations.push_back("OTP read while busy");
    return loaded[(offset - 0x200) / 4];
  }
  if (offset != 0x00c) {
    violations.push_back(absl::StrCat("BSEC read at ", absl::Hex(offset)));
    return 0;
  }
  if (busy != 0 && !busy_forever && --busy == 0)
    loaded[loading] = cells[loading];
  const bool on = (configuration & 1) != 0 && !power_dead;
  if (on && until_powered != 0) --until_powered;
  return (invalid ? 4U : 0) | (busy != 0 ? 8U : 0) |
         (on && until_powered == 0 ? 0x20U : 0);
}

void BsecModel::Set(std::uint32_t offset, std::uint32_t value,
                    Violations& violations) {
  if (offset == 0x000) {
    if ((value ^ configuration) > 1)
      violations.push_back("BSEC timing changed");
    if ((value & 1) != 0 && (configuration & 1) == 0) until_powered = 5;
    if ((value & 1) == 0 && busy != 0 && !busy_forever) {
      violations.push_back("OTP without power while busy");
    }
    configuration = value;
    return;
  }
  if (offset != 0x004 || value >= 96) {
    violations.push_back(absl::StrCat("BSEC written at ", absl::Hex(offset),
                                      ": ", absl::Hex(value)));
    return;
  }
  if (busy != 0) violations.push_back("OTP asked while busy");
  if ((configuration & 1) == 0 || until_powered != 0 || power_dead) {
    violations.push_back("OTP asked without power");
  }
  ++loads;
  if (read_locked.contains(value)) return;
  loading = value;
  busy = 8;
}

}  // namespace bootseal::tests

namespace bootseal::boards::stm32mp {

std::uint32_t Get(std::uint32_t address) {
  return tests::ChipModel::Current().Get(address);
}
void Set(std::uint32_t address, std::uint32_t value) {
  tests::ChipModel::Current().Set(address, value);
}

}  // namespace bootseal::boards::stm32mp

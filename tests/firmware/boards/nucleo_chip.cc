#include "tests/firmware/boards/nucleo_chip.h"

#include <cstdio>
#include <cstdlib>

#include "firmware/boards/nucleo-l552ze-q/layout.h"

namespace bootseal::tests {
namespace {

namespace l5 = boards::stm32l5;

// Of flash the bootloader's part is memory that can be executed; what lies
// behind is read and written like a device.
constexpr std::uint32_t kProgramSize = boards::nucleo::kProgramEnd;
constexpr std::uint32_t kRam = 0x30000000;
constexpr std::uint32_t kRamSize = 0x40000;

constexpr std::uint32_t kUart = 0x50008000;
constexpr std::uint32_t kPowerStatus = 0x50007014;
constexpr std::uint32_t kClockControl = 0x50021000;
constexpr std::uint32_t kClockConfiguration = 0x50021008;
constexpr std::uint32_t kController = 0x50022000;
constexpr std::uint32_t kCacheControl = 0x50030400;
constexpr std::uint32_t kCacheStatus = 0x50030404;
constexpr std::uint32_t kPortASet = 0x52020018;
constexpr std::uint32_t kLd3 = 9;

struct Window {
  std::uint32_t begin, size;
};
constexpr Window kDevices[] = {
    {0x50000000, 0x40000}, {0x52020000, 0x2000}, {0xe000e000, 0x1000}};

void Must(uc_err error, const char* what) {
  if (error == UC_ERR_OK) return;
  std::fprintf(stderr, "unicorn: %s: %s\n", what, uc_strerror(error));
  std::abort();
}

}  // namespace

NucleoChip::NucleoChip(FlashOptions options, const std::string& program)
    : flash_(std::move(options)) {
  Must(uc_open(UC_ARCH_ARM,
               static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS), &engine_),
       "open");
  Must(uc_ctl_set_cpu_model(engine_, UC_CPU_ARM_CORTEX_M33), "core");
  Must(uc_mem_map(engine_, l5::kSecureAlias, kProgramSize,
                  UC_PROT_READ | UC_PROT_EXEC),
       "program");
  Must(uc_mem_write(engine_, l5::kSecureAlias, program.data(), program.size()),
       "program");
  Must(uc_mem_map(engine_, kRam, kRamSize, UC_PROT_READ | UC_PROT_WRITE),
       "RAM");
  registers_[kCacheControl] = 4;
  registers_[kClockControl] = 3;  // MSI is on and ready
  MapDevices();
}

NucleoChip::~NucleoChip() { uc_close(engine_); }

void NucleoChip::MapDevices() {
  // Stores and loads of all windows come through one hook each, at the address
  // that the core used.
  const auto load = +[](uc_engine* engine, uc_mem_type, std::uint64_t address,
                        int size, std::int64_t, void* self) {
    auto* chip = static_cast<NucleoChip*>(self);
    const std::uint64_t value = chip->Load(static_cast<std::uint32_t>(address),
                                           static_cast<unsigned>(size));
    uc_mem_write(engine, address, &value, static_cast<std::size_t>(size));
  };
  const auto store = +[](uc_engine*, uc_mem_type, std::uint64_t address, int,
                         std::int64_t value, void* self) {
    static_cast<NucleoChip*>(self)->Store(static_cast<std::uint32_t>(address),
                                          static_cast<std::uint32_t>(value));
  };
  const auto watch = [&](const Window& window) {
    Must(uc_mem_map(engine_, window.begin, window.size,
                    UC_PROT_READ | UC_PROT_WRITE),
         "devices");
    uc_hook hook;
    Must(uc_hook_add(engine_, &hook, UC_HOOK_MEM_READ,
                     reinterpret_cast<void*>(load), this, window.begin,
                     window.begin + window.size - 1),
         "loads");
    Must(uc_hook_add(engine_, &hook, UC_HOOK_MEM_WRITE,
                     reinterpret_cast<void*>(store), this, window.begin,
                     window.begin + window.size - 1),
         "stores");
  };
  for (const Window& window : kDevices) watch(window);
  watch({l5::kSecureAlias + kProgramSize, l5::kFlashSize - kProgramSize});
  watch({l5::kNonSecureAlias, l5::kFlashSize});
}

std::uint64_t NucleoChip::Load(std::uint32_t address, unsigned size) {
  if (address >= kRam) return LoadDevice(address);
  if ((registers_[kCacheControl] & 1) == 0 && size == 4) {
    return flash_.LoadWord(address);
  }
  std::uint64_t value = 0;
  for (unsigned i = size; i > 0; --i) {
    value =
        value << 8 | static_cast<std::uint8_t>(flash_.Mapped(address)[i - 1]);
  }
  return value;
}

std::uint32_t NucleoChip::LoadDevice(std::uint32_t address) {
  if (address >= kController && address < kController + 0x100) {
    return flash_.Get(address - kController);
  }
  const std::uint32_t value = registers_[address];
  switch (address) {
    case kClockControl:  // PLLRDY follows PLLON
      return value | (clock_breaks_ ? 0 : (value & 1U << 24) << 1);
    case kClockConfiguration:  // SWS follows SW
      return (value & ~0xcU) | (value & 3) << 2;
    case kUart + 0x1c:
      return 1U << 7 | 1U << 6;
    case kPowerStatus:
    case kCacheStatus:
      return 0;
    default:
      return value;
  }
}

// RM0438, LPUART: BRR is 256 times the clock by the baud rate.
bool NucleoChip::TransmitsRight() const {
  const bool fast = (Register(kClockConfiguration) & 3) == 3;
  const double hertz = fast ? 110e6 : 4e6;
  const double baud = 256 * hertz / Register(kUart + 0x0c);
  return (Register(kUart) & 9) == 9 && baud > 114'000 && baud < 116'400;
}

void NucleoChip::Store(std::uint32_t address, std::uint32_t value) {
  if (address < kRam) return flash_.StoreWord(address, value);
  if (address >= kController && address < kController + 0x100) {
    // ACR is none of the model's.
    if (address == kController) {
      registers_[address] = value;
    } else {
      flash_.SetRegister(address - kController, value);
    }
    return;
  }
  registers_[address] = value;
  if (address == kCacheControl) {
    if ((value & 1) != 0) {
      flash_.CacheOn();
    } else {
      flash_.CacheOff();
    }
  }
  if (address == kUart + 0x28 && TransmitsRight() && value != '\r') {
    uart_ += static_cast<char>(value);
  }
  if (address == kPortASet && (value & 1U << kLd3) != 0) {
    ++blinks_;
    if (blinks_ == most_blinks_) uc_emu_stop(engine_);
  }
}

std::uint32_t NucleoChip::Register(std::uint32_t address) const {
  const auto found = registers_.find(address);
  return found == registers_.end() ? 0 : found->second;
}

void NucleoChip::Run(int blinks, std::uint64_t instructions) {
  most_blinks_ = blinks_ + blinks;
  std::uint32_t vectors[2];
  Must(uc_mem_read(engine_, l5::kSecureAlias, vectors, sizeof(vectors)),
       "vectors");
  Must(uc_reg_write(engine_, UC_ARM_REG_SP, &vectors[0]), "register");
  const uc_err error = uc_emu_start(engine_, vectors[1], 0, 0, instructions);
  if (error == UC_ERR_OK) return;
  Must(uc_reg_read(engine_, UC_ARM_REG_PC, &left_for_), "register");
}

bool NucleoChip::Call(std::uint32_t function, int blinks,
                      std::uint64_t instructions) {
  most_blinks_ = blinks_ + blinks;
  const std::uint32_t back = l5::kSecureAlias + kProgramSize - 4;
  const std::uint32_t link = back | 1;
  Must(uc_reg_write(engine_, UC_ARM_REG_LR, &link), "register");
  static_cast<void>(uc_emu_start(engine_, function | 1, back, 0, instructions));
  std::uint32_t at = 0;
  Must(uc_reg_read(engine_, UC_ARM_REG_PC, &at), "register");
  return at == back;
}

}  // namespace bootseal::tests

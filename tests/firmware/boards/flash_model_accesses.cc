// The model's other half: what the core reads and writes, and the functions of
// flash_port.h.
#include <utility>

#include "firmware/boards/nucleo-l552ze-q/layout.h"
#include "firmware/boards/stm32l5/flash_controller.h"
#include "firmware/boards/stm32l5/flash_port.h"
#include "tests/firmware/boards/flash_model.h"

namespace bootseal::tests {
namespace {

namespace l5 = boards::stm32l5;

constexpr std::uint32_t kBootloader = boards::nucleo::kProgramEnd;

}  // namespace

// Accesses.

void FlashModel::StoreWord(std::uint32_t address, std::uint32_t value) {
  if (off_) return;
  World& world = WorldAt(address);
  const bool secure = &world == &secure_;
  const std::uint32_t offset = address % l5::kFlashSize;
  if (busy_ != 0) return Violation("flash written while busy");
  const bool programming =
      (world.control & l5::kProgram) != 0 && (world.control & l5::kLock) == 0;
  if (!programming || (world.status & l5::kErrors) != 0) {
    world.status |= l5::kSequenceError;
    return;
  }
  if (address % 4 != 0) {
    world.status |= l5::kSizeError;
    return;
  }
  if (!world.first_word) {
    if (offset % 8 != 0) {
      world.status |= l5::kAlignmentError;
    } else {
      world.first_word = {offset, value};
    }
    return;
  }
  const auto [first, low] = *std::exchange(world.first_word, std::nullopt);
  if (offset != first + 4) {
    world.status |= l5::kAlignmentError;
    return;
  }
  ProgramDoubleword(world, secure, first, std::uint64_t{value} << 32 | low);
}

std::uint32_t FlashModel::LoadWord(std::uint32_t address) {
  const bool secure = address >= l5::kSecureAlias;
  const std::uint32_t offset = address % l5::kFlashSize;
  if (IsSecure(offset) != secure) {
    Violation("read through the other world's alias");
    return 0;
  }
  if (busy_ != 0) Violation("flash read while busy");
  if (cache_on_) Violation("read through the cache");
  const std::uint32_t index = offset / 8;
  // With one bank, two at once. What is kept is not read again.
  const std::uint32_t line = options_.two_banks ? index : index / 2;
  std::uint32_t& kept = kept_[options_.two_banks && offset >= l5::kBankSize];
  if (std::exchange(kept, line) != line) {
    if (!options_.two_banks) RaiseEcc(index ^ 1);
    RaiseEcc(index);
  }
  return static_cast<std::uint32_t>(cells_[index].value >> (8 * (offset % 8)));
}

void FlashModel::RaiseEcc(std::uint32_t index) {
  const Cell cell = cells_[index].cell;
  const bool upper = !options_.two_banks && index % 2 == 1;
  if (cell == Cell::kCorrected || cell == Cell::kWeak) {
    ecc_ |= upper ? l5::kCorrected2 : l5::kCorrected;
  }
  if (cell != Cell::kLost) return;
  const std::uint32_t flag = upper ? l5::kDetected2 : l5::kDetected;
  // The address is that of the first one, until the flags are cleared.
  if ((ecc_ & (l5::kDetected | l5::kDetected2)) == 0) {
    std::uint32_t offset = 8 * index;
    ecc_ &= ~(l5::kEccAddress | l5::kEccBank2);
    if (options_.two_banks && offset >= l5::kBankSize) {
      offset -= l5::kBankSize;
      ecc_ |= l5::kEccBank2;
    }
    ecc_ |= offset;
  }
  ecc_ |= flag;
  if (!l5::ServeNonMaskable(kBootloader)) Violation("NMI that is a fault");
  if ((ecc_ & flag) != 0) Violation("NMI that goes on");
}

const std::byte* FlashModel::Mapped(std::uint32_t address) const {
  return view_.data() + address % l5::kFlashSize;
}

void FlashModel::CacheOff() { cache_on_ = false; }

void FlashModel::CacheOn() {
  cache_on_ = true;
  Show();
}

void FlashModel::Show() {
  for (const std::uint32_t index : changed_) {
    for (std::uint32_t i = 0; i < 8; ++i) {
      view_[8 * index + i] =
          static_cast<std::byte>(cells_[index].value >> (8 * i) & 0xff);
    }
  }
  changed_.clear();
}

}  // namespace bootseal::tests

namespace bootseal::boards::stm32l5 {

using tests::FlashModel;

std::uint32_t Get(std::uint32_t offset) {
  return FlashModel::Current().Get(offset);
}

void Set(std::uint32_t offset, std::uint32_t value) {
  FlashModel::Current().SetRegister(offset, value);
}

std::uint32_t LoadWord(std::uint32_t address) {
  return FlashModel::Current().LoadWord(address);
}

void StoreWord(std::uint32_t address, std::uint32_t value) {
  FlashModel::Current().StoreWord(address, value);
}

const std::byte* Mapped(std::uint32_t address) {
  return FlashModel::Current().Mapped(address);
}

void CacheOff() { FlashModel::Current().CacheOff(); }

void CacheOn() { FlashModel::Current().CacheOn(); }

}  // namespace bootseal::boards::stm32l5

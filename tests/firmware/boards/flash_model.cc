#include "tests/firmware/boards/flash_model.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_format.h"

namespace bootseal::tests {
namespace {

namespace l5 = boards::stm32l5;

using Tear = PowerCut::Tear;

constexpr std::uint64_t kOnes = ~std::uint64_t{0};

FlashModel* current = nullptr;

std::uint32_t PagesOf(std::uint32_t first, std::uint32_t last) {
  return first | last << l5::kLastPageShift;
}

}  // namespace

FlashModel::FlashModel(FlashOptions options)
    : options_(std::move(options)),
      cells_(l5::kFlashSize / 8),
      view_(l5::kFlashSize, std::byte{0xff}) {
  current = this;
}

FlashModel::~FlashModel() {
  if (current == this) current = nullptr;
}

FlashModel& FlashModel::Current() {
  if (current == nullptr) std::abort();
  return *current;
}

void FlashModel::Set(std::uint32_t offset, const Doubleword& doubleword) {
  Change(offset / 8, doubleword);
  Show();
}

void FlashModel::Put(std::uint32_t offset, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t value = kOnes;
    for (std::size_t i = 0; i < 8 && at + i < bytes.size(); ++i) {
      value &= ~(std::uint64_t{0xff} << (8 * i));
      value |= std::uint64_t{static_cast<std::uint8_t>(bytes[at + i])}
               << (8 * i);
    }
    Change(static_cast<std::uint32_t>((offset + at) / 8),
           {value, Cell::kProgrammed});
  }
  Show();
}

std::string FlashModel::Bytes(std::uint32_t offset, std::uint32_t size) const {
  std::string bytes;
  for (std::uint32_t at = offset; at < offset + size; ++at) {
    bytes += static_cast<char>(cells_[at / 8].value >> (8 * (at % 8)));
  }
  return bytes;
}

void FlashModel::Reset() {
  off_ = false;
  cut_.reset();
  torn_.reset();
  secure_ = {};
  non_secure_ = {};
  ecc_ = 0;
  busy_ = 0;
  cache_on_ = true;
  kept_[0] = kept_[1] = UINT32_MAX;
  Show();
}

void FlashModel::Mark() {
  undo_.clear();
  marked_ = log_.size();
}

void FlashModel::BackToMark() {
  for (; !undo_.empty(); undo_.pop_back()) {
    const auto& [index, old] = undo_.back();
    cells_[index] = old;
    changed_.push_back(index);
  }
  log_.resize(marked_);
  violations_.clear();
  Reset();
}

void FlashModel::Change(std::uint32_t index, const Doubleword& to) {
  undo_.emplace_back(index, cells_[index]);
  cells_[index] = to;
  changed_.push_back(index);
}

void FlashModel::Violation(const std::string& what) {
  violations_.push_back(
      absl::StrFormat("%s (operation %d)", what, log_.size()));
}

std::uint32_t FlashModel::Random() {
  random_ = random_ * 1664525 + 1013904223;  // Numerical Recipes
  return random_ >> 8;
}

std::uint32_t FlashModel::PageSize() const {
  return options_.two_banks ? 0x800 : 0x1000;
}

bool FlashModel::IsSecure(std::uint32_t offset) const {
  return options_.trust_zone && offset < options_.secure_end;
}

bool FlashModel::IsProtected(std::uint32_t offset) const {
  const bool second = options_.two_banks && offset >= l5::kBankSize;
  const std::uint32_t page =
      (second ? offset - l5::kBankSize : offset) / PageSize();
  for (const auto& [area, pages] : options_.protection) {
    const bool of_second =
        area == l5::kProtection2A || area == l5::kProtection2B;
    const std::uint32_t last = pages >> l5::kLastPageShift & l5::kFirstPage;
    if (of_second == second && page >= (pages & l5::kFirstPage) &&
        page <= last) {
      return true;
    }
  }
  return false;
}

FlashModel::World& FlashModel::WorldAt(std::uint32_t address) {
  return address >= l5::kSecureAlias ? secure_ : non_secure_;
}

// Registers.

std::uint32_t FlashModel::Status(World& world) {
  if (off_) return l5::kOperationError;
  const std::uint32_t status = world.status;
  if (busy_ == 0) return status;
  if (busy_ != UINT32_MAX) --busy_;
  return status | l5::kBusy;
}

std::uint32_t FlashModel::Get(std::uint32_t offset) {
  const std::uint32_t none = PagesOf(0x7f, 0);
  const std::uint32_t bank =
      options_.two_banks ? l5::kBankSize : l5::kFlashSize;
  const std::uint32_t end = options_.secure_end;
  switch (offset) {
    case l5::kSecureStatus:
      return Status(secure_);
    case l5::kNonSecureStatus:
      return Status(non_secure_);
    case l5::kSecureControl:
      return off_ ? l5::kLock : secure_.control;
    case l5::kNonSecureControl:
      return off_ ? l5::kLock : non_secure_.control;
    case l5::kEcc:
      return ecc_;
    case l5::kOptions:
      return (options_.trust_zone ? l5::kTrustZone : 0) |
             (options_.two_banks ? l5::kDualBank : 0) |
             (options_.swapped ? l5::kSwapBanks : 0) | 0xaaU;
    case l5::kWatermark1:
      return end == 0 ? none : PagesOf(0, std::min(end, bank) / PageSize() - 1);
    case l5::kWatermark2:
      return end <= bank ? none : PagesOf(0, (end - bank) / PageSize() - 1);
    default:
      break;
  }
  for (const auto& [area, pages] : options_.protection) {
    if (area == offset) return pages;
  }
  return none;
}

// A wrong key, or one that nobody asked for, and it stays locked until reset.
void FlashModel::Key(World& world, std::uint32_t value) {
  const bool wanted = (world.control & l5::kLock) != 0 && !world.locked_out;
  const std::uint32_t expected = world.keys == 0 ? l5::kKey1 : l5::kKey2;
  if (!wanted || value != expected) {
    Violation(wanted ? "wrong key" : "key not wanted");
    world.control |= l5::kLock;
    world.locked_out = true;
    return;
  }
  world.keys = (world.keys + 1) % 2;
  if (world.keys == 0) world.control &= ~l5::kLock;
}

void FlashModel::Control(World& world, bool secure, std::uint32_t value) {
  if (busy_ != 0) return Violation("control register written while busy");
  if ((world.control & l5::kLock) != 0) {
    if ((value & ~l5::kLock) != 0) Violation("control register is locked");
    return;
  }
  world.control = value & (l5::kOperation | l5::kLock);
  if ((value & l5::kStart) != 0) ErasePage(world, secure);
}

void FlashModel::SetRegister(std::uint32_t offset, std::uint32_t value) {
  if (off_) return;
  constexpr std::uint32_t kCleared = l5::kErrors | l5::kEndOfOperation;
  switch (offset) {
    case l5::kSecureKey:
      return Key(secure_, value);
    case l5::kNonSecureKey:
      return Key(non_secure_, value);
    case l5::kSecureStatus:
      secure_.status &= ~(value & kCleared);
      return;
    case l5::kNonSecureStatus:
      non_secure_.status &= ~(value & kCleared);
      return;
    case l5::kSecureControl:
      return Control(secure_, true, value);
    case l5::kNonSecureControl:
      return Control(non_secure_, false, value);
    case l5::kEcc:
      ecc_ &= ~(value & l5::kEccFlags);
      return;
    default:
      return Violation(absl::StrFormat("register 0x%02x written", offset));
  }
}

// Operations.

bool FlashModel::Begin(World& world, bool secure,
                       const FlashOperation& operation) {
  if ((world.status & l5::kErrors) != 0) {
    world.status |= l5::kSequenceError;
    return false;
  }
  if (IsSecure(operation.offset) != secure || IsProtected(operation.offset)) {
    world.status |= l5::kProtectionError;
    return false;
  }
  if (failure_ != 0) {
    world.status |= std::exchange(failure_, 0);
    return false;
  }
  log_.push_back(operation);
  kept_[0] = kept_[1] = UINT32_MAX;
  busy_ = busy_for_;
  torn_.reset();
  if (cut_ && cut_->operation + 1 == log_.size()) {
    off_ = true;
    torn_ = cut_;
    random_ = static_cast<std::uint32_t>(cut_->operation) * 31 + cut_->split;
  }
  return true;
}

void FlashModel::ErasePage(World& world, bool secure) {
  const std::uint32_t control = world.control;
  const bool second = (control & l5::kBank2) != 0;
  if ((control & (l5::kMassErase1 | l5::kMassErase2)) != 0) {
    return Violation("mass erase");
  }
  if ((control & l5::kErasePage) == 0 || (control & l5::kProgram) != 0) {
    world.status |= l5::kSequenceError;
    return;
  }
  if (second && !options_.two_banks) return Violation("bank 2 of one");
  const std::uint32_t page = (control & l5::kPageMask) >> l5::kPageShift;
  const std::uint32_t offset = page * PageSize() + (second ? l5::kBankSize : 0);
  if (!Begin(world, secure, {true, offset})) return;
  const PowerCut whole{0, Tear::kAll, 0};
  TearPage(offset, torn_.value_or(whole));
}

void FlashModel::TearPage(std::uint32_t offset, const PowerCut& cut) {
  for (std::uint32_t at = 0; at < PageSize(); at += 8) {
    const std::uint32_t index = (offset + at) / 8;
    Tear tear = cut.tear;
    if (tear == Tear::kFront)
      tear = at < cut.split ? Tear::kAll : Tear::kNothing;
    if (tear == Tear::kBack)
      tear = at < cut.split ? Tear::kNothing : Tear::kAll;
    if (tear == Tear::kMixed) tear = static_cast<Tear>(Random() % 5);
    const Doubleword torn = Torn(cells_[index], {}, tear);
    if (torn != cells_[index]) Change(index, torn);
  }
}

Doubleword FlashModel::Torn(const Doubleword& old, const Doubleword& to_be,
                            Tear tear) {
  switch (tear) {
    case Tear::kAll:
      return to_be;
    case Tear::kLost:
      return {std::uint64_t{Random()} << 32 | Random(), Cell::kLost};
    case Tear::kWeak:
      return {kOnes, Cell::kWeak};
    case Tear::kCorrected:
      // Of an erasure it is the old value that still reads well.
      return to_be.cell == Cell::kErased
                 ? Doubleword{old.value, Cell::kCorrected}
                 : Doubleword{to_be.value, Cell::kCorrected};
    case Tear::kMixed:
      return {(old.value & to_be.value) | (std::uint64_t{Random()} << 24),
              Cell::kCorrected};
    default:
      return old;
  }
}

void FlashModel::ProgramDoubleword(World& world, bool secure,
                                   std::uint32_t offset, std::uint64_t value) {
  const std::uint32_t index = offset / 8;
  // Zeros may be written over everything.
  if (cells_[index].cell != Cell::kErased && value != 0) {
    world.status |= l5::kProgrammingError;
    return;
  }
  if (!Begin(world, secure, {false, offset})) return;
  if (std::exchange(spoil_, false)) value |= value + 1;
  const Tear tear = torn_ ? torn_->tear : Tear::kAll;
  const Doubleword torn = Torn(cells_[index], {value, Cell::kProgrammed}, tear);
  if (torn != cells_[index]) Change(index, torn);
}

}  // namespace bootseal::tests

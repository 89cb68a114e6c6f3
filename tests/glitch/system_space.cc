#include "tests/glitch/system_space.h"

namespace bootseal::tests {
namespace {

constexpr std::uint32_t kEnable = 1;
constexpr std::uint32_t kDefaultMap = 4;  // PRIVDEFENA
constexpr std::uint32_t kNever = 1;       // XN
constexpr std::uint32_t kGranule = 0x1f;

}  // namespace

bool SystemSpace::IsOfRegion(std::uint32_t offset) {
  return offset >= kBase && offset < kBase + 4 * kRegionBytes;
}

// RBAR and RLAR, and their three aliases: of the chosen region's group of four.
std::size_t SystemSpace::RegionAt(std::uint32_t offset) const {
  const std::size_t number = words_[kNumber / 4] % regions_.size();
  const std::uint32_t alias = (offset - kBase) / kRegionBytes;
  return alias == 0 ? number : (number & ~std::size_t{3}) + alias;
}

std::uint32_t SystemSpace::Read(std::uint32_t offset) const {
  if (!IsOfRegion(offset)) return words_[offset / 4 % words_.size()];
  const Region& region = regions_[RegionAt(offset)];
  return (offset - kBase) % kRegionBytes == 0 ? region.base : region.limit;
}

void SystemSpace::Write(std::uint32_t offset, std::uint32_t value) {
  words_[offset / 4 % words_.size()] = value;
  if (!IsOfRegion(offset)) return;
  Region& region = regions_[RegionAt(offset)];
  ((offset - kBase) % kRegionBytes == 0 ? region.base : region.limit) = value;
}

bool SystemSpace::IsExecutable(std::uint32_t address) const {
  const std::uint32_t control = words_[kControl / 4];
  if ((control & kEnable) == 0) return true;
  for (const Region& region : regions_) {
    if ((region.limit & kEnable) == 0) continue;
    const bool holds = address >= (region.base & ~kGranule) &&
                       address <= (region.limit | kGranule);
    if (holds) return (region.base & kNever) == 0;
  }
  return (control & kDefaultMap) != 0;
}

}  // namespace bootseal::tests

#include "tests/glitch/system_space.h"

namespace bootseal::tests {
namespace {

constexpr std::uint32_t kEnable = 1;
constexpr std::uint32_t kDefaultMap = 4;  // PRIVDEFENA
constexpr std::uint32_t kNever = 1;       // XN
constexpr std::uint32_t kGranule = 0x1f;

}  // namespace

std::uint32_t SystemSpace::Read(std::uint32_t offset) const {
  const Region& region = regions_[words_[kNumber / 4] % regions_.size()];
  if (offset == kBase) return region.base;
  if (offset == kLimit) return region.limit;
  return words_[offset / 4 % words_.size()];
}

void SystemSpace::Write(std::uint32_t offset, std::uint32_t value) {
  Region& region = regions_[words_[kNumber / 4] % regions_.size()];
  if (offset == kBase) region.base = value;
  if (offset == kLimit) region.limit = value;
  words_[offset / 4 % words_.size()] = value;
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

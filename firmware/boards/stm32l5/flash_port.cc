#include "firmware/boards/stm32l5/flash_port.h"

namespace bootseal::boards::stm32l5 {
namespace {

constexpr std::uintptr_t kController = 0x50022000;
constexpr std::uintptr_t kCacheControl = 0x50030400;
constexpr std::uintptr_t kCacheStatus = 0x50030404;
constexpr std::uint32_t kEnable = 1;
constexpr std::uint32_t kInvalidate = 2;
constexpr std::uint32_t kTwoWays = 4;  // may change only while it is off
constexpr std::uint32_t kBusyFlag = 1;

volatile std::uint32_t& At(std::uintptr_t address) {
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

}  // namespace

std::uint32_t Get(std::uint32_t offset) { return At(kController + offset); }

void Set(std::uint32_t offset, std::uint32_t value) {
  At(kController + offset) = value;
}

std::uint32_t LoadWord(std::uint32_t address) {
  const std::uint32_t value = At(address);
  __asm__ volatile("dsb\n\tisb" ::: "memory");
  return value;
}

// The controller wants both words of a pair in this order.
void StoreWord(std::uint32_t address, std::uint32_t value) {
  At(address) = value;
  __asm__ volatile("dsb" ::: "memory");
}

const std::byte* Mapped(std::uint32_t address) {
  return reinterpret_cast<const std::byte*>(
      static_cast<std::uintptr_t>(address));
}

void CacheOff() {
  At(kCacheControl) = kTwoWays;
  while (At(kCacheControl) & kEnable) {
  }
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

void CacheOn() {
  At(kCacheControl) = kInvalidate | kTwoWays;
  while (At(kCacheStatus) & kBusyFlag) {
  }
  At(kCacheControl) = kEnable | kTwoWays;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
}

}  // namespace bootseal::boards::stm32l5

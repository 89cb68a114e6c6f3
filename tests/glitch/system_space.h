// What matters here of the System Control Space, which Unicorn leaves out:
// VTOR, and an MPU that says what may be executed (Arm DDI 0553, B8 and D1.2).
// All other registers hold what was written.
#ifndef BOOTSEAL_TESTS_GLITCH_SYSTEM_SPACE_H_
#define BOOTSEAL_TESTS_GLITCH_SYSTEM_SPACE_H_

#include <array>
#include <cstdint>

namespace bootseal::tests {

class SystemSpace {
 public:
  static constexpr std::uint32_t kBegin = 0xe000e000;

  // Offsets from kBegin; whole words.
  std::uint32_t Read(std::uint32_t offset) const;
  void Write(std::uint32_t offset, std::uint32_t value);

  std::uint32_t vtor() const { return words_[kVtor / 4]; }
  // By privileged code. Of memory, that is: devices are not asked about.
  bool IsExecutable(std::uint32_t address) const;
  bool operator==(const SystemSpace&) const = default;

 private:
  static constexpr std::uint32_t kVtor = 0xd08;
  static constexpr std::uint32_t kControl = 0xd94;
  static constexpr std::uint32_t kNumber = 0xd98;
  static constexpr std::uint32_t kBase = 0xd9c;
  static constexpr std::uint32_t kRegionBytes = 8;  // RBAR, RLAR

  static bool IsOfRegion(std::uint32_t offset);
  std::size_t RegionAt(std::uint32_t offset) const;

  struct Region {
    std::uint32_t base = 0;
    std::uint32_t limit = 0;
    bool operator==(const Region&) const = default;
  };

  std::array<std::uint32_t, 0x400> words_{};
  std::array<Region, 8> regions_{};
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_SYSTEM_SPACE_H_

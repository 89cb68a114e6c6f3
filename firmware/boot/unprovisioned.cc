// The rules of a bootloader that nobody gave a key: it refuses everything.
#include "firmware/boot/rules.h"
#include "firmware/image/mcuboot/device_rules.h"

namespace bootseal::boot {
namespace {

constexpr std::array<std::byte, image::HashSize(image::HashAlgorithm::kSha256)>
    kNoKey{};

}  // namespace

constexpr image::mcuboot::Rules kRules{.key_hash = kNoKey};

}  // namespace bootseal::boot

namespace bootseal::image::mcuboot {

using Device = DeviceRules<boot::kRules>;
constinit const RuleTable kRuleTable = Device::kTable;

std::uint32_t MaxImageEnd(const Rules& rules) {
  return Device::MaxImageEnd(rules);
}

TrailerLayout LayOutTrailer(const Rules& rules) {
  return Device::LayOutTrailer(rules);
}

TrailerMagicBytes TrailerMagic(const Rules& rules) {
  return Device::TrailerMagic(rules);
}

const AlgorithmTraits* checks::TargetTraits(const Rules&) {
  return &Device::kTraits;
}

}  // namespace bootseal::image::mcuboot

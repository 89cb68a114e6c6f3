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

BOOTSEAL_DEFINE_DEVICE_RULES(boot::kRules)

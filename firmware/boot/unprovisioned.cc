// The rules of a bootloader that nobody gave a key: it refuses everything.
#include "firmware/boot/rules.h"

namespace bootseal::boot {
namespace {

constexpr std::array<std::byte, image::HashSize(image::HashAlgorithm::kSha256)>
    kNoKey{};

}  // namespace

constinit const image::mcuboot::Rules kRules{.key_hash = kNoKey};

}  // namespace bootseal::boot

#include <array>

#include "firmware/boards/otp.h"
#include "firmware/boot/device.h"
#include "firmware/image/crypto.h"

namespace bootseal::boot {
namespace {

using image::Error;
using image::MutableBytes;

constinit std::array<std::array<std::byte, image::kMaxHashSize>,
                     upgrade::kMostImages>
    hashes{};

bool AllAre(image::Bytes bytes, std::byte value) {
  for (const std::byte byte : bytes) {
    if (byte != value) return false;
  }
  return true;
}

Error TakeKeyInForce(image::mcuboot::Rules& rules, std::uint8_t image) {
  const MutableBytes hash =
      MutableBytes(hashes[image]).first(image::HashSize(rules.hash));
  for (std::uint8_t slot = 0; slot < boards::kKeySlots; ++slot) {
    BOOTSEAL_TRY(boards::ReadKeySlot(image, slot, hash));
    if (!AllAre(hash, std::byte{0})) break;
  }
  if (AllAre(hash, std::byte{0}) || AllAre(hash, std::byte{0xff})) {
    return Error::kRules;
  }
  rules.key_hash = hash;
  rules.public_key = {};
  return Error::kOk;
}

// The rules came with the hash of a key that may be revoked: a glitch that left
// the step above out would have it verify the images.
Error CheckKeys(Handover& handover) {
  for (std::size_t i = 0; i < handover.images.size(); ++i) {
    if (handover.images[i]->key_hash.data() != hashes[i].data()) {
      return Error::kFault;
    }
  }
  return Error::kOk;
}

}  // namespace

extern constinit const Part kOtpKey{TakeKeyInForce, CheckKeys};

}  // namespace bootseal::boot

#include "firmware/boot/measured_boot.h"

#include "firmware/boot/shared_data.h"
#include "firmware/image/mcuboot/trailer.h"

namespace bootseal::boot {
namespace {

using image::Algorithm;
using image::Error;
using image::MutableBytes;
using image::mcuboot::Rules;
using image::mcuboot::Strategy;

// MCUboot's numbers of its modes, by Strategy.
constexpr std::uint8_t kModes[] = {
    0,  // single slot
    2,  // overwrite only
    1,  // swap using scratch
    3,  // swap using move
    9,  // swap using offset
    4,  // direct-xip, without revert
    6,  // RAM load
};

// It has none for others.
std::uint8_t SignatureType(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRsa2048:
    case Algorithm::kRsa3072:
      return 1;
    case Algorithm::kP256:
      return 2;
    case Algorithm::kEd25519:
      return 3;
    case Algorithm::kP384:
    case Algorithm::kBrainpoolP256t1:
      break;
  }
  return 0;
}

// What MCUboot takes for the largest image; 0 where it does not say.
std::uint32_t LargestImage(const Rules& rules) {
  if (rules.strategy == Strategy::kOverwriteOnly) return rules.slot_size;
  if (rules.strategy == Strategy::kDirectXip) return 0;
  return image::mcuboot::MaxImageEnd(rules);
}

Error AddBootInformation(const Handover& handover, std::uint8_t running_slot,
                         SharedData& shared) {
  const Rules& rules = *handover.images.front();
  const auto mode = static_cast<std::size_t>(rules.strategy);
  BOOTSEAL_TRY(shared.AddByte(shared_data::kMode, kModes[mode]));
  BOOTSEAL_TRY(shared.AddByte(shared_data::kSignatureType,
                              SignatureType(rules.algorithm)));
  BOOTSEAL_TRY(shared.AddByte(shared_data::kRecovery, 0));
  if (rules.strategy == Strategy::kSingleSlot) return Error::kOk;
  BOOTSEAL_TRY(shared.AddByte(shared_data::kRunningSlot, running_slot));
  for (std::size_t i = 0; handover.has_counters && i < handover.images.size();
       ++i) {
    BOOTSEAL_TRY(shared.AddWord(
        shared_data::SecurityCounter(static_cast<std::uint8_t>(i)),
        handover.counters[i]));
  }
  const std::uint32_t largest = LargestImage(rules);
  if (largest == 0) return Error::kOk;
  return shared.AddWord(shared_data::kMaxImageSize, largest);
}

}  // namespace

Error WriteAsTfm(const Handover& handover, MutableBytes area) {
  SharedData shared(area);
  for (std::size_t i = 0; i < handover.images.size(); ++i) {
    const auto image = static_cast<std::uint8_t>(i);
    BOOTSEAL_TRY(shared.AddBootRecord(*handover.verified[i],
                                      handover.images[i]->hash, image));
    BOOTSEAL_TRY(shared.AddVersion(*handover.verified[i], image));
  }
  return Error::kOk;
}

Error WriteAsMcuboot(const Handover& handover, std::uint8_t running_slot,
                     MutableBytes area) {
  SharedData shared(area);
  for (std::size_t i = 0; i < handover.images.size(); ++i) {
    BOOTSEAL_TRY(shared.AddBootRecord(*handover.verified[i],
                                      handover.images[i]->hash,
                                      static_cast<std::uint8_t>(i)));
    if (i != 0) continue;
    BOOTSEAL_TRY(AddBootInformation(handover, running_slot, shared));
  }
  return Error::kOk;
}

}  // namespace bootseal::boot

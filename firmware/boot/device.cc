#include "firmware/boot/device.h"

#include "firmware/boards/flash.h"

namespace bootseal::boot {
namespace {

using image::Error;
using image::Verified;
using image::mcuboot::Rules;

// Nothing until it is assigned: Rules' own defaults would lie in flash.
union Copy {
  constexpr Copy() : nothing{} {}
  std::byte nothing;
  Rules rules;
};
constinit Copy copies[upgrade::kMostImages];

// Which slot the first one is started from is the strategy's affair.
bool IsProof(const Verified& verified, std::size_t image) {
  const auto* slot =
      boards::MappedFlash(boards::SlotOf(static_cast<std::uint8_t>(image),
                                         boards::Slot::kPrimary))
          .data();
  return verified.intact() && (image == 0 || verified.image() == slot);
}

}  // namespace

extern constinit const Rules* const kAdjustedRules[upgrade::kMostImages]{
    &copies[0].rules, &copies[1].rules};

Error AdjustRules(Parts parts, upgrade::Images compiled_in) {
  for (std::size_t i = 0; i < compiled_in.size(); ++i) {
    Rules& rules = copies[i].rules;
    rules = *compiled_in[i];
    for (const Part* part : parts) {
      if (part->adjust == nullptr) continue;
      BOOTSEAL_TRY(part->adjust(rules, static_cast<std::uint8_t>(i)));
    }
  }
  return Error::kOk;
}

Error HandOverTo(Parts parts, upgrade::Images images, const Verified& started) {
  Handover handover{.images = images,
                    .verified = {&started, &upgrade::VerifiedBeside()}};
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!IsProof(*handover.verified[i], i)) return Error::kFault;
  }
  for (const Part* part : parts) {
    if (part->hand_over == nullptr) continue;
    BOOTSEAL_TRY(part->hand_over(handover));
  }
  return Error::kOk;
}

}  // namespace bootseal::boot

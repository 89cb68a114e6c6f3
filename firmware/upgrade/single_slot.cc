// One slot, no upgrade: what is there is started or refused.
#include "firmware/boards/board.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::upgrade {

Outcome Choose(Images images) {
  Outcome outcome;
  if (images.size() != 1) return {image::Error::kRules};
  outcome.image = image::mcuboot::Verify(*images[0], boards::PrimarySlot());
  return outcome;
}

}  // namespace bootseal::upgrade

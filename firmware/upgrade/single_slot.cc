// One slot, no upgrade: what is there is started or refused.
#include "firmware/boards/board.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::upgrade {

Outcome Choose(const image::mcuboot::Rules& rules) {
  Outcome outcome;
  outcome.image = image::mcuboot::Verify(rules, boards::PrimarySlot());
  return outcome;
}

}  // namespace bootseal::upgrade

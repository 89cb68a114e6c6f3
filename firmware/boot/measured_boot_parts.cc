#include "firmware/boards/board.h"
#include "firmware/boards/shared_data.h"
#include "firmware/boot/device.h"
#include "firmware/boot/measured_boot.h"

namespace bootseal::boot {
namespace {

image::Error HandOverAsTfm(Handover& handover) {
  return WriteAsTfm(handover, boards::SharedDataArea());
}

image::Error HandOverAsMcuboot(Handover& handover) {
  const bool is_primary =
      handover.verified[0]->image() == boards::PrimarySlot().data();
  return WriteAsMcuboot(handover, is_primary ? 0 : 1, boards::SharedDataArea());
}

}  // namespace

extern constinit const Part kTfmMeasuredBoot{nullptr, HandOverAsTfm};
extern constinit const Part kMcubootMeasuredBoot{nullptr, HandOverAsMcuboot};

}  // namespace bootseal::boot

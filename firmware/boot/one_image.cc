// Most devices have one image; firmware/provision writes another list for those
// that have two.
#include "firmware/boot/rules.h"

namespace bootseal::boot {
namespace {

constexpr const image::mcuboot::Rules* kOne[] = {&kRules};

}  // namespace

constinit const upgrade::Images kImages(kOne);

}  // namespace bootseal::boot

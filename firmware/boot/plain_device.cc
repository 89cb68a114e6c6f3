// Most devices follow the rules that were compiled in, and hand nothing on;
// firmware/provision writes another file for those that have parts.
#include "firmware/boot/device.h"

namespace bootseal::boot {

void PrepareDevice() {}

void HandOver(const image::Verified&) {}

}  // namespace bootseal::boot

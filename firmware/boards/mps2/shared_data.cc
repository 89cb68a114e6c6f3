// TF-M, platform/ext/target/arm/mps2/an521/partition/region_defs.h: the first
// KiB of the secure RAM.
#include "firmware/boards/shared_data.h"

namespace bootseal::boards {

image::MutableBytes SharedDataArea() {
  return {reinterpret_cast<std::byte*>(0x38000000), 0x400};
}

}  // namespace bootseal::boards

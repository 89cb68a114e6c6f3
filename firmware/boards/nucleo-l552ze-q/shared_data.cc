// TF-M, platform/ext/target/stm/nucleo_l552ze_q: the last KiB of SRAM2, secure
// alias.
#include "firmware/boards/shared_data.h"

namespace bootseal::boards {

image::MutableBytes SharedDataArea() {
  return {reinterpret_cast<std::byte*>(0x3003fc00), 0x400};
}

}  // namespace bootseal::boards

// Guarantee 4: second_stage::Jump takes the proof, not a place.
#include <cstdint>
#include <utility>

#include "firmware/second_stage/second_stage.h"

namespace bootseal {

void Boot(image::Bytes tos_fw, image::certificate::VerifiedPackage package) {
  (void)tos_fw;
  (void)package;
  second_stage::Jump(std::move(package));
}

}  // namespace bootseal

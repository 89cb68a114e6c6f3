// Whether images go together: the DEPENDENCY TLVs of each, against the versions
// of the others. Facts: mcuboot 1.11, 3.7. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_UPGRADE_DEPENDENCIES_H_
#define BOOTSEAL_FIRMWARE_UPGRADE_DEPENDENCIES_H_

#include <span>

#include "firmware/image/bytes.h"

namespace bootseal::upgrade {

// `slots`: where the image of each number is that would be started. False when
// one wants a newer version of another than there is, an image that does not
// exist, or cannot be read. Proves nothing about signatures.
bool DependenciesHold(std::span<const image::Bytes> slots);

}  // namespace bootseal::upgrade

#endif  // BOOTSEAL_FIRMWARE_UPGRADE_DEPENDENCIES_H_

// Up to two images. The include path chooses; most devices have one, and none
// of the code for another.
#ifndef BOOTSEAL_FIRMWARE_UPGRADE_TWO_IMAGES_HERE_H_
#define BOOTSEAL_FIRMWARE_UPGRADE_TWO_IMAGES_HERE_H_

#include <cstddef>

namespace bootseal::upgrade {

inline constexpr std::size_t kImagesHere = 2;

}  // namespace bootseal::upgrade

#endif  // BOOTSEAL_FIRMWARE_UPGRADE_TWO_IMAGES_HERE_H_

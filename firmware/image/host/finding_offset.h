// Where in the image the thing lies that a rule is about. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_FINDING_OFFSET_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_FINDING_OFFSET_H_

#include <cstdint>
#include <optional>

#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

// From the image's first byte; nothing where there is no such thing, or the
// rule is about all of it. `about` is the protected TLV of the rule, 0: none.
std::optional<std::uint64_t> OffsetOf(Error code, std::uint16_t about,
                                      const mcuboot::Reading& reading,
                                      Bytes image);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_FINDING_OFFSET_H_

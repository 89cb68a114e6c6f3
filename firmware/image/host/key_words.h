// Which key an image names, in words. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_KEY_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_KEY_WORDS_H_

#include <string>

#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// KEYHASH, or the hash over PUBKEY, beside the one that the target pins.
std::string NamedKey(const mcuboot::Rules& rules, const mcuboot::Facts& facts);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_KEY_WORDS_H_

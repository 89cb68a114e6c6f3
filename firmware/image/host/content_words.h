// What rule_words.h says of compression and of signatures over images
// themselves. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_CONTENT_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_CONTENT_WORDS_H_

#include <string>

#include "firmware/image/host/rule_words.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// The header's flags, and which of them the target expects.
std::string CompressionFound(const mcuboot::Rules& rules,
                             const mcuboot::Facts& facts);
std::string CompressionFix(const Wanted& wanted);
std::string PureFix(const Wanted& wanted);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_CONTENT_WORDS_H_

// The rows of rule_words.h about what an image is: its flags and addresses,
// whose device it is for, and whether it is encrypted.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_ATTRIBUTE_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_ATTRIBUTE_WORDS_H_

#include <span>

#include "firmware/image/host/rule_words.h"

namespace bootseal::image::host {

std::span<const RuleWords> AttributeWords();

// Whether the target decrypts, and this image says that it is encrypted and
// brings the content key: what its payload is, the device alone can tell.
bool IsEncryptedForDevice(const mcuboot::Rules& rules,
                          const mcuboot::Facts& facts);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_ATTRIBUTE_WORDS_H_

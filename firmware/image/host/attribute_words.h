// The rows of rule_words.h about what an image is: its flags and addresses,
// whose device it is for, and whether it is encrypted.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_ATTRIBUTE_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_ATTRIBUTE_WORDS_H_

#include <span>
#include <string>

#include "firmware/image/host/rule_words.h"

namespace bootseal::image::host {

std::span<const RuleWords> AttributeWords();

// The options that encrypt as the target's device decrypts, or none.
std::string EncryptionFix(const Wanted& wanted);

// Whether the target decrypts, and this image says that it is encrypted and
// brings the content key: what its payload is, the device alone can tell.
bool IsEncryptedForDevice(const mcuboot::Rules& rules,
                          const mcuboot::Facts& facts);

// Whether what is there of the payload is not what was hashed and signed, by
// the image's own account: it is said to be encrypted, a content key is there,
// and the digest is not that of these bytes.
bool PayloadIsEncrypted(const mcuboot::Facts& facts);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_ATTRIBUTE_WORDS_H_

// The rows of rule_words.h about the receipt that an image carries.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_RECEIPT_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_RECEIPT_WORDS_H_

#include <span>

#include "firmware/image/host/rule_words.h"

namespace bootseal::image::host {

std::span<const RuleWords> ReceiptWords();

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_RECEIPT_WORDS_H_

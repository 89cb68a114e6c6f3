// The checks of the image's receipt, one function per row, as in checks.h.
// Without rules about receipts each holds.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RECEIPT_CHECKS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RECEIPT_CHECKS_H_

#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::mcuboot::checks {

Error ReceiptIsThere(const Rules&, const Facts&);
Error ReceiptIsAlone(const Rules&, const Facts&);
Error ReceiptIsWellFormed(const Rules&, const Facts&);
Error ReceiptNamesTheImage(const Rules&, const Facts&);
Error ReceiptAllowsTheSignature(const Rules&, const Facts&);
Error ReceiptLeadsToItsCheckpoint(const Rules&, const Facts&);
Error CheckpointIsSigned(const Rules&, const Facts&);

}  // namespace bootseal::image::mcuboot::checks

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RECEIPT_CHECKS_H_

// Of bootloaders that judge no receipts: they carry nothing of it. The twin is
// receipt/receipt_part.h; the include path chooses.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_NO_RECEIPT_RECEIPT_PART_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_NO_RECEIPT_RECEIPT_PART_H_

#define BOOTSEAL_RECEIPT_RULES
#define BOOTSEAL_RECEIPT_IS_ASKED_ONCE(code) false
#define BOOTSEAL_LINKED_ERRORS(X) BOOTSEAL_IMAGE_ERRORS(X)

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_NO_RECEIPT_RECEIPT_PART_H_

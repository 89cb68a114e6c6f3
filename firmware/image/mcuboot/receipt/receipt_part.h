// What judges receipts adds: rules at the end of the table (judge.cc), and the
// texts of their errors (image_text.cc). Hosts have it, and bootloaders whose
// rules are about receipts; the others have no_receipt/receipt_part.h.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RECEIPT_RECEIPT_PART_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RECEIPT_RECEIPT_PART_H_

#include "firmware/image/mcuboot/receipt_checks.h"

// Is it in the log of those who look after the target?
#define BOOTSEAL_RECEIPT_RULES                                            \
  Rule{Error::kReceiptMissing, checks::ReceiptIsThere},                   \
      Rule{Error::kReceiptTwice, checks::ReceiptIsAlone},                 \
      Rule{Error::kReceiptFormat, checks::ReceiptIsWellFormed},           \
      Rule{Error::kReceiptOfAnother, checks::ReceiptNamesTheImage},       \
      Rule{Error::kReceiptNotAllowed, checks::ReceiptAllowsTheSignature}, \
      Rule{Error::kReceiptPath, checks::ReceiptLeadsToItsCheckpoint},     \
      Rule{Error::kReceiptKey, checks::CheckpointIsSigned},

// Also a signature, with an answer that is computed.
#define BOOTSEAL_RECEIPT_IS_ASKED_ONCE(code) (code == Error::kReceiptKey)

#define BOOTSEAL_LINKED_ERRORS(X) \
  BOOTSEAL_IMAGE_ERRORS(X) BOOTSEAL_RECEIPT_ERRORS(X)

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_RECEIPT_RECEIPT_PART_H_

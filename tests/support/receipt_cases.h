// Images whose receipt is wrong in one way each, and what a verifier says of
// them: the same list on the host and on the board.
#ifndef BOOTSEAL_TESTS_SUPPORT_RECEIPT_CASES_H_
#define BOOTSEAL_TESTS_SUPPORT_RECEIPT_CASES_H_

#include <span>

#include "firmware/image/result.h"
#include "tests/support/receipt_log.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

struct ReceiptCase {
  const char* name;
  image::Error expected;
  // `image` has no receipt yet; `log` is the one that the device knows, and
  // `other` another image of the same target.
  void (*spoil)(ImageParts& image, const ReceiptLog& log,
                const ImageParts& other);
};

// All are refused, and by the receipt's rules alone: the images are properly
// signed.
std::span<const ReceiptCase> BadReceipts();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_RECEIPT_CASES_H_

// Compressed images, put together from a plain one and then spoilt at will.
#ifndef BOOTSEAL_TESTS_SUPPORT_COMPRESSED_IMAGE_H_
#define BOOTSEAL_TESTS_SUPPORT_COMPRESSED_IMAGE_H_

#include <string>
#include <vector>

#include "tests/support/test_image.h"

namespace bootseal::tests {

// TestPayload's vectors, and then what compression pays for.
std::string CompressiblePayload(std::size_t size);

// DECOMP_SIZE, DECOMP_SHA, DECOMP_SIGNATURE of an image.
std::vector<RawTlv> DecompressionTlvs(const ImageParts& plain);

// The image compressed as target.rules say, with these TLVs alone in its
// protected area, signed.
ImageParts CompressedParts(const TestTarget& target, const ImageParts& plain,
                           const std::vector<RawTlv>& described);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_COMPRESSED_IMAGE_H_

// The image that a bootloader makes of a compressed one: the same header and
// TLVs, but with the payload as it runs, and without what the compressed image
// says of it, which becomes its own digest and signature. It is what runs, so
// the same rules hold for it. Facts: mcuboot 1.13.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_PLAIN_VARIANT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_PLAIN_VARIANT_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firmware/image/bytes.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

// nullopt for an image that is not compressed. One that says it is encrypted is
// taken as it is once the device decrypted it. FAILED_PRECONDITION: the
// reader's errors, Decompressor's, DECOMPRESSED_SIZE (other bytes come out than
// DECOMP_SIZE says), COMPRESSED_SIZE (COMP_DEC_SIZE of an image for decryption
// does not say where its padding begins), COMPRESSION_UNKNOWN (flags of LZMA1,
// or of a filter alone).
absl::StatusOr<std::optional<std::string>> PlainVariantOf(
    const mcuboot::Rules& rules, Bytes image);

// OK when the device takes the image that it makes of this one, or when there
// is nothing to make. FAILED_PRECONDITION: as PlainVariantOf, or the verifier's
// reason.
absl::Status CheckPlainVariant(const mcuboot::Rules& rules, Bytes image);

// Of what comes out: the receipt is that of the image around it. Also of an
// image that is not in the log yet.
mcuboot::Rules WithoutReceipt(mcuboot::Rules rules);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_PLAIN_VARIANT_H_

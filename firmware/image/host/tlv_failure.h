// Which TLVs a rule about TLVs refuses, where they lie, what was expected, and
// what wrote them. The verifier's own checks say so, of one TLV at a time.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_TLV_FAILURE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_TLV_FAILURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "firmware/image/bytes.h"
#include "firmware/image/host/rule_words.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

struct TlvFailure {
  // "SEC_CNT TLV (0x50) of 4 bytes in the unprotected area at 0x181, ..."
  std::string detail;
  std::optional<std::uint64_t> offset;  // of the first, from the image's start
  std::string fix;
};

// Of kTlvNotAllowed, kTlvDuplicate, kTlvLength or kEncryptionTlv that fails;
// nothing for another rule, or where the image was not read to its end.
std::optional<TlvFailure> DescribeTlvFailure(Error code, const Wanted& wanted,
                                             const mcuboot::Reading& reading,
                                             Bytes image);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_TLV_FAILURE_H_

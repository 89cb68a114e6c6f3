// Vendor TLVs that a caller adds to an image: as typed, and as found.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_VENDOR_TLVS_H_
#define BOOTSEAL_CLIENT_CLI_VENDOR_TLVS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/bytes.h"

namespace bootseal::cli {

// "0xa5=0x0102" (bytes), "0xa5=text", "0xa5=@FILE" (its bytes). Ends with
// kUsage: VENDOR_TLV_INVALID, CUSTOM_TLV_TYPE, CUSTOM_TLV_VALUE; with
// kLocalFile: FILE_*.
absl::StatusOr<std::vector<v1::VendorTlv>> ReadVendorTlvs(
    const std::vector<std::string>& arguments);

// OK when the vendor TLVs of a protected area are those of the target and then
// those of the request, in order and with their values. FAILED_PRECONDITION
// (REPLY_MISMATCH).
absl::Status CheckVendorTlvs(const v1::Target& target,
                             const v1::SignHeader& header,
                             image::Bytes protected_area);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_VENDOR_TLVS_H_

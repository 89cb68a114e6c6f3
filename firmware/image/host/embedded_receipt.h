// A receipt as the log gives it, and the same as an image carries it.
// Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_EMBEDDED_RECEIPT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_EMBEDDED_RECEIPT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/bytes.h"

namespace bootseal::image::host {

// The value of the TLV, of a tlog-proof whose extra line holds the entry;
// cosignatures are left out. `log_key` ("origin+id+base64") says whose
// signature. Nothing is verified. INVALID_ARGUMENT: RECEIPT_MALFORMED,
// LOG_KEY_MALFORMED; the error's reason for a part that has no such form.
absl::StatusOr<std::string> EmbeddedForm(absl::string_view receipt,
                                         const std::string& log_key);

// The value of the TLV in an image; empty without one. Nothing is verified.
Bytes CarriedReceipt(Bytes image);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_EMBEDDED_RECEIPT_H_

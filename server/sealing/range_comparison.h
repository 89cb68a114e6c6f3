// What differs between a range that was sent and the one that its target
// demands, in words that say how to mend it. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_SEALING_RANGE_COMPARISON_H_
#define BOOTSEAL_SERVER_SEALING_RANGE_COMPARISON_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::sealing {

// Two headers with their padding, of 32 bytes at least and with MCUboot's
// magic. OK when they are equal but for the size of the protected area, of
// which CompareProtected knows more to say. INVALID_ARGUMENT:
// RANGE_HEADER_SIZE, RANGE_FLAGS, RANGE_LOAD_ADDRESS, RANGE_PAYLOAD_SIZE,
// RANGE_VERSION, RANGE_HEADER_PADDING.
absl::Status CompareHeaders(absl::string_view target, absl::string_view found,
                            absl::string_view expected);

// Two protected areas, well-formed or empty. OK when they are equal.
// INVALID_ARGUMENT: RANGE_TLV_UNEXPECTED, RANGE_TLV_MISSING, RANGE_TLV_ORDER,
// RANGE_TLV_VALUE; RANGE_SIGNER_ZERO for a boot record that was made before its
// signer was known (facts: mcuboot 2.6 a).
absl::Status CompareProtected(absl::string_view target, absl::string_view found,
                              absl::string_view expected);

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_RANGE_COMPARISON_H_

// The receipt that an image carries: whether its entry will fit, before
// anything is signed, and into the image with it. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_CARRIED_RECEIPT_H_
#define BOOTSEAL_SERVER_CARRIED_RECEIPT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "server/audit/receipt.h"
#include "server/sealing/sealer.h"

namespace bootseal::server {

// What a release would have signed, with signatures as large as they get: of a
// compressed image there are two.
std::vector<v1::SignedDigest> LargestSignatures(v1::SignedDigest asked,
                                                const v1::SignHeader& header);

// FAILED_PRECONDITION (ENTRY_TOO_LARGE_FOR_IMAGE) for an entry that the
// target's images cannot carry; EncodeEntry's errors.
absl::Status CheckCarriesEntry(const v1::Target& target,
                               const v1::Entry& largest);

// EmbeddedForm's and sealing::WithReceipt's errors.
absl::StatusOr<sealing::Sealed> Carry(const audit::Receipt& receipt,
                                      const sealing::Sealed& sealed,
                                      const std::string& log_key);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CARRIED_RECEIPT_H_

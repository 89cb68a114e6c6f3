// An in-toto statement in a DSSE envelope, by the key that signs releases, with
// the log's proof. What is in it is its reader's business: release_manifest.h,
// release_verdict.h. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_STATEMENT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_STATEMENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::image::host {

struct SignedStatement {
  std::string text;
  // Of the log entry; absent when no receipt was demanded.
  std::optional<std::uint64_t> log_index;
};

// `what` names it in errors: "release". Nothing of the payload is read before
// its signature holds. The receipt's entry is the one of this very signature:
// its head has the digest that was signed, and the signature itself stands
// behind it. PERMISSION_DENIED: SIGNATURE_INVALID, RECEIPT_MISSING,
// RECEIPT_INVALID, RECEIPT_OF_ANOTHER; INVALID_ARGUMENT: ENVELOPE_MALFORMED,
// PAYLOAD_TYPE, LOG_KEY_MALFORMED (of `trust`).
absl::StatusOr<SignedStatement> OpenStatement(absl::string_view what,
                                              absl::string_view envelope,
                                              absl::string_view receipt,
                                              const ReleaseTrust& trust);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGNED_STATEMENT_H_

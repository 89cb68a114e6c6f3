// The log's entry about a release of whatever format, proven by its receipt.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_PROVEN_ENTRY_H_
#define BOOTSEAL_CLIENT_RELEASE_PROVEN_ENTRY_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/log_key.h"

namespace bootseal::release {

struct ProvenEntry {
  cli::TrustedCheckpoint checkpoint;
  v1::Entry entry;
};

// FAILED_PRECONDITION: as cli::LogKey::OpenReceipt; RECEIPT_MISMATCH for an
// entry that does not allow a signature.
absl::StatusOr<ProvenEntry> ProveEntry(const cli::LogKey& key,
                                       absl::string_view receipt);

// OK when the entry is about this order. RECEIPT_MISMATCH.
absl::Status CheckEntryIsOfOrder(const v1::Entry& entry,
                                 const v1::SignHeader& header,
                                 absl::string_view payload_sha256);

// OK when they are the same; RECEIPT_MISMATCH in words, or in hexadecimal.
absl::Status ExpectInReceipt(absl::string_view what, absl::string_view found,
                             absl::string_view expected);
absl::Status ExpectBytesInReceipt(absl::string_view what,
                                  absl::string_view found,
                                  absl::string_view expected);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_PROVEN_ENTRY_H_

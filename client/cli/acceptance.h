// What the client demands before it writes a file: it believes neither server
// nor wire, only its own verifier, its own log key and what it asked for.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_ACCEPTANCE_H_
#define BOOTSEAL_CLIENT_CLI_ACCEPTANCE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/log_key.h"
#include "firmware/image/verified.h"

namespace bootseal::cli {

// What was asked for.
struct Order {
  v1::SignHeader header;
  std::string payload;         // as it was sent
  std::string payload_sha256;  // 32 raw bytes
  // Sent in the payload's place: header, payload and protected area that
  // another tool made. Empty: none.
  std::string range = {};
};

// The verdict of the profile's rules over `image`, and over the image that a
// bootloader makes of a compressed one. FAILED_PRECONDITION with the
// rule's name as reason (for example BOOT_RECORD_MISSING) when it would not
// boot; PROFILE_INVALID.
absl::StatusOr<image::Verified> Judge(const v1::Profile& profile,
                                      absl::string_view image);

// OK when the reply's profile is that of the target asked for, the image boots
// by it, and version, counter, vendor TLVs, payload and whether it will be
// encrypted are as ordered, and the range, where that was sent.
// FAILED_PRECONDITION: as Judge, or REPLY_MISMATCH.
absl::Status CheckImage(const Order& order, const v1::SignReply& reply,
                        absl::string_view image);

// OK when `pinned`, a profile that we kept, names the same target and key and
// accepts the image too. FAILED_PRECONDITION: PROFILE_MISMATCH, or as Judge.
absl::Status CheckPinned(const v1::Profile& pinned, const v1::SignReply& reply,
                         absl::string_view image);

// OK when the log proves, with our key, an entry that allows exactly this
// image: target, digest, signature. The checkpoint it leads to.
// FAILED_PRECONDITION: as LogKey::OpenReceipt, or RECEIPT_MISMATCH.
absl::StatusOr<TrustedCheckpoint> CheckReceipt(const LogKey& key,
                                               absl::string_view receipt,
                                               const v1::Profile& profile,
                                               absl::string_view image);

// The same, and the entry is about this order: version, payload, request.
absl::StatusOr<TrustedCheckpoint> CheckReceiptOfOrder(
    const LogKey& key, const Order& order, const v1::SignReply& reply,
    absl::string_view image);

// OK when the image carries no receipt and none was ordered or demanded, or
// when the one it carries is that of `reply`: the same entry, proven with our
// key. FAILED_PRECONDITION: EMBEDDED_RECEIPT_MISSING,
// EMBEDDED_RECEIPT_MISMATCH.
absl::Status CheckEmbeddedReceipt(const LogKey& key, const Order& order,
                                  const v1::SignReply& reply,
                                  absl::string_view image);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ACCEPTANCE_H_

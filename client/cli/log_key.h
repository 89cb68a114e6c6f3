// The audit log's public key, from our own configuration and never from the
// server.
#ifndef BOOTSEAL_CLIENT_CLI_LOG_KEY_H_
#define BOOTSEAL_CLIENT_CLI_LOG_KEY_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::cli {

// A checkpoint whose signature was good, with the note it came in.
struct TrustedCheckpoint {
  std::uint64_t size = 0;
  image::transparency::TreeHash root{};
  std::string note;
};

// Immutable; thread-safe.
class LogKey {
 public:
  // "origin+id+base64" itself, or the path of a file that holds it. Ends with
  // kUsage: LOG_KEY_MISSING when `setting` is empty, LOG_KEY_INVALID.
  static absl::StatusOr<LogKey> Read(const std::string& setting);

  const std::string& text() const { return text_; }
  std::string origin() const;

  // The checkpoint when this key signed it. FAILED_PRECONDITION:
  // LOG_KEY_MISMATCH for another key, signature or origin,
  // CHECKPOINT_MALFORMED.
  absl::StatusOr<TrustedCheckpoint> Open(absl::string_view note) const;

  // The checkpoint of a receipt that proves `entry`. FAILED_PRECONDITION: the
  // above, RECEIPT_MALFORMED, RECEIPT_INVALID when the proof leads elsewhere.
  absl::StatusOr<TrustedCheckpoint> OpenReceipt(absl::string_view receipt,
                                                absl::string_view entry) const;

 private:
  explicit LogKey(std::string text) : text_(std::move(text)) {}
  image::transparency::VerifierKey Parsed() const;
  absl::StatusOr<TrustedCheckpoint> Verify(absl::string_view note) const;

  std::string text_;
};

// The entry that a receipt's extra line carries, not yet proven.
// FAILED_PRECONDITION: RECEIPT_MALFORMED.
absl::StatusOr<std::string> EntryOfReceipt(absl::string_view receipt);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_LOG_KEY_H_

// Cosignatures: what a witness says of a checkpoint, and when.
//
//   cosignature/v1
//   time <seconds since the epoch>
//   <the checkpoint's text>
//
// is what its Ed25519 key signs; the note's line holds id, time (8 bytes, big
// endian) and signature.
// Source: c2sp.org/tlog-cosignature@v1.0.1. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_COSIGNATURE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_COSIGNATURE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::image::host {

// A witness's public key, "name+<8 hex digits>+base64(0x04 || key)". Immutable.
class CosignerKey {
 public:
  // INVALID_ARGUMENT (COSIGNER_KEY_INVALID): also for a log's key (type 0x01).
  static absl::StatusOr<CosignerKey> Parse(absl::string_view text);
  // From a name without spaces and plus signs and a raw key of 32 bytes; the
  // same error.
  static absl::StatusOr<CosignerKey> Make(absl::string_view name,
                                          absl::string_view raw_key);

  std::string name() const { return std::string(parsed().name); }
  const std::string& text() const { return text_; }
  // Its name points into text().
  transparency::VerifierKey parsed() const;

 private:
  explicit CosignerKey(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// What the key signs. `text` is the note's, with its last newline.
std::string CosignatureMessage(std::uint64_t unix_seconds,
                               absl::string_view text);

// The line for the note, with its newline. `signature` has 64 bytes.
std::string CosignatureLine(const CosignerKey& key, std::uint64_t unix_seconds,
                            absl::string_view signature);

// A checkpoint as its witness saw it.
struct CosignedCheckpoint {
  std::string origin;
  std::uint64_t size = 0;
  transparency::TreeHash root{};
  std::uint64_t unix_seconds = 0;
  std::string line;  // the cosignature's, with its newline
};

// The checkpoint of `note` when `key` cosigned it; signatures of others, the
// log's among them, are not looked at. FAILED_PRECONDITION: NOTE_FORMAT,
// NOTE_SIGNATURE, NOTE_UNKNOWN_KEY.
absl::StatusOr<CosignedCheckpoint> OpenCosigned(absl::string_view note,
                                                const CosignerKey& key);

// Text of the note without signatures, with its last newline. NOTE_FORMAT.
absl::StatusOr<std::string> NoteText(absl::string_view note);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_COSIGNATURE_H_

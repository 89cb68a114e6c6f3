#include "client/cli/log_key.h"

#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

namespace transparency = image::transparency;
using image::Error;

constexpr std::size_t kMaxKeyBytes = 4096;

std::string Trimmed(absl::string_view text) {
  return std::string(absl::StripAsciiWhitespace(text));
}

bool IsKey(const std::string& text) {
  return transparency::ParseVerifierKey(text).ok();
}

// Which of our words a code of the freestanding reader means.
absl::Status NoteError(Error error, absl::string_view origin,
                       absl::string_view malformed) {
  const bool stranger = error == Error::kNoteUnknownKey ||
                        error == Error::kNoteSignature ||
                        error == Error::kOrigin;
  if (stranger) {
    return base::Precondition(
        "LOG_KEY_MISMATCH",
        absl::StrCat("the checkpoint is not signed by our log key ", origin,
                     " (", image::Text(error), ")"));
  }
  const bool proof =
      error == Error::kProofLength || error == Error::kProofMismatch;
  if (proof) {
    return base::Precondition(
        "RECEIPT_INVALID",
        absl::StrCat("the receipt does not prove its entry (",
                     image::Text(error), ")"));
  }
  return base::Precondition(malformed, absl::StrCat("not in canonical form (",
                                                    image::Text(error), ")"));
}

}  // namespace

absl::StatusOr<LogKey> LogKey::Read(const std::string& setting) {
  if (setting.empty()) {
    return UsageError("LOG_KEY_MISSING",
                      "no log key to check receipts with; give --log-key or "
                      "BOOTSEAL_LOG_KEY (origin+id+key, or a file with it)");
  }
  if (const std::string key = Trimmed(setting); IsKey(key)) return LogKey(key);
  const absl::StatusOr<std::string> file =
      base::ReadFile(setting, kMaxKeyBytes);
  if (file.ok() && IsKey(Trimmed(*file))) return LogKey(Trimmed(*file));
  return UsageError(
      "LOG_KEY_INVALID",
      absl::StrCat("log key \"", setting, "\" is ",
                   file.ok() ? "a file without a key"
                             : "neither a key nor a readable file",
                   "; expected origin+8 hex digits+base64"));
}

transparency::VerifierKey LogKey::Parsed() const {
  return *transparency::ParseVerifierKey(text_);
}

std::string LogKey::origin() const { return std::string(Parsed().name); }

absl::StatusOr<TrustedCheckpoint> LogKey::Open(absl::string_view note) const {
  // Receipts of one commit share their checkpoint, and its signature costs more
  // to verify than all the rest of a receipt.
  thread_local std::string last_key;
  thread_local TrustedCheckpoint last;
  if (last_key == text_ && last.note == note) return last;
  ASSIGN_OR_RETURN(last, Verify(note));
  last_key = text_;
  return last;
}

absl::StatusOr<TrustedCheckpoint> LogKey::Verify(absl::string_view note) const {
  const auto checkpoint =
      transparency::OpenCheckpoint({note.data(), note.size()}, Parsed());
  if (!checkpoint.ok()) {
    return NoteError(checkpoint.error(), origin(), "CHECKPOINT_MALFORMED");
  }
  return TrustedCheckpoint{checkpoint->size, checkpoint->root,
                           std::string(note)};
}

absl::StatusOr<TrustedCheckpoint> LogKey::OpenReceipt(
    absl::string_view receipt, absl::string_view entry) const {
  const auto proof =
      transparency::ParseProofFile({receipt.data(), receipt.size()});
  if (!proof.ok()) {
    return NoteError(proof.error(), origin(), "RECEIPT_MALFORMED");
  }
  ASSIGN_OR_RETURN(TrustedCheckpoint checkpoint,
                   Open({proof->checkpoint.data(), proof->checkpoint.size()}));
  const Error error = transparency::VerifyInclusion(
      transparency::LeafHash(image::host::AsBytes(entry)), proof->index,
      checkpoint.size, std::span(proof->hashes).first(proof->hash_count),
      checkpoint.root);
  if (error != Error::kOk) {
    return NoteError(error, origin(), "RECEIPT_MALFORMED");
  }
  return checkpoint;
}

absl::StatusOr<std::string> EntryOfReceipt(absl::string_view receipt) {
  const auto proof =
      transparency::ParseProofFile({receipt.data(), receipt.size()});
  if (!proof.ok()) {
    return NoteError(proof.error(), "", "RECEIPT_MALFORMED");
  }
  // The strict decoder of the device needs a buffer of the right size.
  std::string entry(proof->extra.size() / 4 * 3, '\0');
  const auto decoded = transparency::DecodeBase64(
      proof->extra, {reinterpret_cast<std::byte*>(entry.data()), entry.size()});
  if (!decoded.ok() || decoded->empty()) {
    return base::Precondition("RECEIPT_MALFORMED",
                              "the receipt's extra line holds no log entry");
  }
  entry.resize(decoded->size());
  return entry;
}

}  // namespace bootseal::cli

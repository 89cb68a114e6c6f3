#include "firmware/image/host/embedded_receipt.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/transparency/embedded_receipt.h"
#include "firmware/image/transparency/signed_note.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::host {
namespace {

namespace transparency = image::transparency;

absl::Status Malformed(absl::string_view what) {
  return base::Invalid("RECEIPT_MALFORMED", "receipt",
                       absl::StrCat("receipt ", what));
}

// Empty when there is none by this key.
std::string SignatureBy(const transparency::VerifierKey& key,
                        std::string_view signatures) {
  transparency::Lines lines(signatures);
  while (!lines.done()) {
    const auto one = transparency::ReadSignatureLine(lines.Next());
    if (!one.ok()) return {};
    if (one->name != key.name || one->id != key.id) continue;
    return ToString(one->signature());
  }
  return {};
}

}  // namespace

absl::StatusOr<std::string> EmbeddedForm(absl::string_view receipt,
                                         const std::string& log_key) {
  const auto key = transparency::ParseVerifierKey(log_key);
  if (!key.ok()) {
    return base::Invalid("LOG_KEY_MALFORMED", "log_key",
                         "the log's key is no \"name+id+base64\"");
  }
  const auto proof =
      transparency::ParseProofFile({receipt.data(), receipt.size()});
  if (!proof.ok()) return Malformed("is no tlog-proof");
  std::vector<std::byte> buffer(proof->extra.size());
  const auto entry = transparency::DecodeBase64(proof->extra, buffer);
  if (!entry.ok()) return Malformed("holds no entry in its extra line");
  const auto note = transparency::SplitNote(proof->checkpoint);
  if (!note.ok()) return Malformed("has no signed checkpoint");
  const auto checkpoint = transparency::ReadCheckpointText(note->text);
  if (!checkpoint.ok()) return Malformed("has no checkpoint");
  const std::string signature = SignatureBy(*key, note->signatures);
  transparency::EmbeddedReceipt parts;
  parts.index = proof->index;
  parts.size = checkpoint->size;
  parts.root = checkpoint->root;
  parts.signature = AsBytes(signature);
  parts.path = std::as_bytes(std::span(proof->hashes).first(proof->hash_count));
  parts.entry = *entry;
  std::string value(
      transparency::kReceiptHeadBytes + parts.path.size() + entry->size(),
      '\0');
  const auto written = transparency::WriteEmbeddedReceipt(
      parts, std::as_writable_bytes(std::span(value)));
  RETURN_IF_ERROR(ToStatus(written.error()));
  return value;
}

Bytes CarriedReceipt(Bytes image) {
  // Which hash matters to nothing that is looked at here.
  const mcuboot::Reading reading =
      mcuboot::ReadImage(image, HashAlgorithm::kSha256);
  return mcuboot::FindTlv(reading.facts.unprotected_area,
                          mcuboot::tlv::kReceipt)
      .value;
}

}  // namespace bootseal::image::host

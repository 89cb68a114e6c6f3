#include "firmware/image/host/cosignature.h"

#include <limits>
#include <optional>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/signed_note.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::host {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::uint64_t kMaxTime = std::numeric_limits<std::int64_t>::max();

std::string_view View(absl::string_view text) {
  return {text.data(), text.size()};
}

std::string BigEndian(std::uint64_t value, std::size_t width) {
  std::string bytes(width, '\0');
  for (std::size_t i = width; i > 0; --i, value >>= 8) {
    bytes[i - 1] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

std::uint64_t ReadTime(Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::byte byte : bytes.first(kTimeBytes)) {
    value = value << 8 | static_cast<std::uint64_t>(byte);
  }
  return value;
}

// The time, when the signature is the key's over `text`.
Result<std::uint64_t> VerifyCosignature(
    std::string_view text, const transparency::NoteSignature& signature,
    const transparency::VerifierKey& key) {
  const Bytes bytes = signature.signature();
  if (bytes.size() != transparency::NoteSignature::kMaxBytes) {
    return Error::kNoteSignature;
  }
  const std::uint64_t time = ReadTime(bytes);
  if (time == 0 || time > kMaxTime) return Error::kNoteSignature;
  const std::string message =
      CosignatureMessage(time, {text.data(), text.size()});
  BOOTSEAL_TRY(transparency::VerifyEd25519(key, AsBytes(message),
                                           bytes.subspan(kTimeBytes)));
  return time;
}

struct Found {
  std::uint64_t time = 0;
  std::string_view line;
};

// Of several by one key, the newest; all of them have to be good.
Result<Found> FindCosignature(const transparency::NoteParts& note,
                              const transparency::VerifierKey& key) {
  std::optional<Found> newest;
  transparency::Lines lines(note.signatures);
  while (!lines.done()) {
    const std::string_view line = lines.Next();
    const auto signature = transparency::ReadSignatureLine(line);
    if (!signature.ok()) return signature.error();
    if (signature->name != key.name || signature->id != key.id) continue;
    const auto time = VerifyCosignature(note.text, *signature, key);
    if (!time.ok()) return time.error();
    if (!newest || newest->time < *time) newest = Found{*time, line};
  }
  if (!newest) return Error::kNoteUnknownKey;
  return *newest;
}

}  // namespace

absl::StatusOr<CosignerKey> CosignerKey::Parse(absl::string_view text) {
  const auto parsed =
      transparency::ParseKeyOfType(transparency::kCosignerKey, View(text));
  if (parsed.ok()) return CosignerKey(std::string(text));
  return base::Fail(
      absl::StatusCode::kInvalidArgument, "COSIGNER_KEY_INVALID",
      absl::StrCat("\"", text, "\" is no witness's key (", Text(parsed.error()),
                   "), expected name+8 hex digits+base64 of 0x04 and an "
                   "Ed25519 key"));
}

absl::StatusOr<CosignerKey> CosignerKey::Make(absl::string_view name,
                                              absl::string_view raw_key) {
  const std::uint32_t id = transparency::KeyIdOfType(
      transparency::kCosignerKey, View(name), AsBytes(raw_key));
  return Parse(absl::StrFormat(
      "%s+%08x+%s", name, id,
      absl::Base64Escape(absl::StrCat(absl::string_view("\x04"), raw_key))));
}

transparency::VerifierKey CosignerKey::parsed() const {
  return *transparency::ParseKeyOfType(transparency::kCosignerKey, text_);
}

std::string CosignatureMessage(std::uint64_t unix_seconds,
                               absl::string_view text) {
  return absl::StrCat("cosignature/v1\ntime ", unix_seconds, "\n", text);
}

std::string CosignatureLine(const CosignerKey& key, std::uint64_t unix_seconds,
                            absl::string_view signature) {
  const std::string bytes =
      absl::StrCat(BigEndian(key.parsed().id, 4),
                   BigEndian(unix_seconds, kTimeBytes), signature);
  return absl::StrCat(absl::string_view(transparency::kSignatureDash.data(),
                                        transparency::kSignatureDash.size()),
                      key.name(), " ", absl::Base64Escape(bytes), "\n");
}

absl::StatusOr<CosignedCheckpoint> OpenCosigned(absl::string_view note,
                                                const CosignerKey& key) {
  const auto parts = transparency::SplitNote(View(note));
  if (!parts.ok()) return ToStatus(parts.error());
  const auto found = FindCosignature(*parts, key.parsed());
  if (!found.ok()) return ToStatus(found.error());
  const auto checkpoint = transparency::ReadCheckpointText(parts->text);
  if (!checkpoint.ok()) return ToStatus(checkpoint.error());
  return CosignedCheckpoint{std::string(checkpoint->origin), checkpoint->size,
                            checkpoint->root, found->time,
                            std::string(found->line) + "\n"};
}

absl::StatusOr<std::string> NoteText(absl::string_view note) {
  const auto parts = transparency::SplitNote(View(note));
  if (!parts.ok()) return ToStatus(parts.error());
  return std::string(parts->text);
}

}  // namespace bootseal::image::host

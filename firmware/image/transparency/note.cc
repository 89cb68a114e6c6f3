#include "firmware/image/transparency/note.h"

#include "firmware/image/transparency/base64.h"
#include "firmware/image/transparency/signed_note.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::transparency {
namespace {

// kOk when `key` signed the text and every signature that says so is good.
Error VerifyNote(const NoteParts& note, const VerifierKey& key) {
  bool signed_by_key = false;
  Lines lines(note.signatures);
  while (!lines.done()) {
    const Result<NoteSignature> signature = ReadSignatureLine(lines.Next());
    if (!signature.ok()) return signature.error();
    if (signature->name != key.name || signature->id != key.id) continue;
    BOOTSEAL_TRY(
        VerifyEd25519(key, TextBytes(note.text), signature->signature()));
    signed_by_key = true;
  }
  return signed_by_key ? Error::kOk : Error::kNoteUnknownKey;
}

}  // namespace

std::uint32_t KeyId(std::string_view name, Bytes key) {
  return KeyIdOfType(kNoteKey, name, key);
}

Result<VerifierKey> ParseVerifierKey(std::string_view text) {
  return ParseKeyOfType(kNoteKey, text);
}

Result<Checkpoint> OpenCheckpoint(std::string_view note,
                                  const VerifierKey& key) {
  const Result<NoteParts> parts = SplitNote(note);
  if (!parts.ok()) return parts.error();
  BOOTSEAL_TRY(VerifyNote(*parts, key));
  // Known: the key's owner signed this text. Left: what does it say?
  const Result<Checkpoint> checkpoint = ReadCheckpointText(parts->text);
  if (!checkpoint.ok()) return checkpoint.error();
  if (checkpoint->origin != key.name) return Error::kOrigin;
  return checkpoint;
}

Result<ProofFile> ParseProofFile(std::string_view text) {
  Lines lines(text);
  ProofFile file;
  if (lines.Next() != "c2sp.org/tlog-proof@v1") return Error::kNoteFormat;
  std::string_view line = lines.Next();
  if (const Result<std::string_view> extra = After(line, "extra ");
      extra.ok()) {
    if (!DecodeBase64Prefix(*extra, {}).ok()) return Error::kNoteFormat;
    file.extra = *extra;
    line = lines.Next();
  }
  const Result<std::string_view> digits = After(line, "index ");
  if (!digits.ok()) return Error::kNoteFormat;
  const Result<std::uint64_t> index = ReadDecimal(*digits);
  if (!index.ok()) return Error::kNoteFormat;
  file.index = *index;
  for (line = lines.Next(); !line.empty(); line = lines.Next()) {
    const Result<TreeHash> hash = ReadTreeHash(line);
    if (!hash.ok()) return hash.error();
    if (file.hash_count == kMaxProofHashes) return Error::kProofLength;
    file.hashes[file.hash_count++] = *hash;
  }
  if (!lines.ok() || lines.rest().empty()) return Error::kNoteFormat;
  file.checkpoint = lines.rest();
  return file;
}

Error VerifyReceipt(std::string_view text, Bytes entry,
                    const VerifierKey& key) {
  const Result<ProofFile> file = ParseProofFile(text);
  if (!file.ok()) return file.error();
  const Result<Checkpoint> checkpoint = OpenCheckpoint(file->checkpoint, key);
  if (!checkpoint.ok()) return checkpoint.error();
  return VerifyInclusion(LeafHash(entry), file->index, checkpoint->size,
                         std::span(file->hashes).first(file->hash_count),
                         checkpoint->root);
}

}  // namespace bootseal::image::transparency

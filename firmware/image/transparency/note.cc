#include "firmware/image/transparency/note.h"

#include "firmware/image/crypto.h"
#include "firmware/image/der.h"
#include "firmware/image/transparency/base64.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::transparency {
namespace {

constexpr std::uint8_t kEd25519 = 0x01;
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kIdDigits = 8;
constexpr std::size_t kEd25519SignatureBytes = 64;
constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a space

std::uint32_t BigEndian(Bytes four) {
  std::uint32_t value = 0;
  for (const std::byte byte : four) {
    value = value << 8 | static_cast<std::uint32_t>(byte);
  }
  return value;
}

Result<std::uint32_t> ReadHexId(std::string_view digits) {
  if (digits.size() != kIdDigits) return Error::kNoteFormat;
  std::uint32_t value = 0;
  for (const char c : digits) {
    const bool decimal = c >= '0' && c <= '9';
    const bool letter = c >= 'a' && c <= 'f';
    if (!decimal && !letter) return Error::kNoteFormat;
    value = value << 4 |
            static_cast<std::uint32_t>(decimal ? c - '0' : c - 'a' + 10);
  }
  return value;
}

// A note cut at its last empty line.
struct Note {
  std::string_view text;        // ends in a newline; this is what is signed
  std::string_view signatures;  // at least one line
};

Result<Note> SplitNote(std::string_view note) {
  if (!IsNoteText(note)) return Error::kNoteFormat;
  const std::size_t cut = note.rfind("\n\n");
  if (cut == std::string_view::npos || cut == 0) return Error::kNoteFormat;
  const Note parts{Cut(note, 0, cut + 1), Cut(note, cut + 2)};
  if (parts.signatures.empty() || parts.signatures.back() != '\n') {
    return Error::kNoteFormat;
  }
  return parts;
}

// One signature line. `bytes` holds the start of a longer signature only.
struct NoteSignature {
  std::string_view name;
  std::uint32_t id = 0;
  std::size_t size = 0;  // of the signature without the id
  std::array<std::byte, kIdBytes + kEd25519SignatureBytes> bytes{};

  Bytes signature() const { return Bytes(bytes).subspan(kIdBytes); }
};

Result<NoteSignature> ReadSignatureLine(std::string_view line) {
  const Result<std::string_view> rest = After(line, kDash);
  if (!rest.ok()) return Error::kNoteFormat;
  const std::size_t space = rest->find(' ');
  if (space == std::string_view::npos) return Error::kNoteFormat;
  NoteSignature signature;
  signature.name = Cut(*rest, 0, space);
  if (!IsKeyName(signature.name)) return Error::kNoteFormat;
  const Result<std::size_t> size =
      DecodeBase64Prefix(Cut(*rest, space + 1), signature.bytes);
  if (!size.ok() || *size <= kIdBytes) return Error::kNoteFormat;
  signature.id = BigEndian(Bytes(signature.bytes).first(kIdBytes));
  signature.size = *size - kIdBytes;
  return signature;
}

Error VerifyNoteSignature(std::string_view text, const NoteSignature& signature,
                          const VerifierKey& key) {
  if (signature.size != kEd25519SignatureBytes) return Error::kNoteSignature;
  const Bytes prefix = RawPublicKeyPrefix(Algorithm::kEd25519);
  std::array<std::byte, 44> der{};
  Writer writer(der);
  writer.Append(prefix);
  writer.Append(key.key);
  const Error verdict = VerifySignature(Algorithm::kEd25519, writer.written(),
                                        TextBytes(text), signature.signature());
  return verdict == Error::kOk ? Error::kOk : Error::kNoteSignature;
}

// kOk when `key` signed the text and every signature that says so is good.
Error VerifyNote(const Note& note, const VerifierKey& key) {
  bool signed_by_key = false;
  Lines lines(note.signatures);
  while (!lines.done()) {
    const Result<NoteSignature> signature = ReadSignatureLine(lines.Next());
    if (!signature.ok()) return signature.error();
    if (signature->name != key.name || signature->id != key.id) continue;
    BOOTSEAL_TRY(VerifyNoteSignature(note.text, *signature, key));
    signed_by_key = true;
  }
  return signed_by_key ? Error::kOk : Error::kNoteUnknownKey;
}

Result<TreeHash> ReadTreeHash(std::string_view line) {
  TreeHash hash{};
  const Result<Bytes> decoded = DecodeBase64(line, hash);
  if (!decoded.ok() || decoded->size() != hash.size()) {
    return Error::kNoteFormat;
  }
  return hash;
}

Result<Checkpoint> ReadCheckpoint(std::string_view text) {
  Lines lines(text);
  Checkpoint checkpoint;
  checkpoint.origin = lines.Next();
  const Result<std::uint64_t> size = ReadDecimal(lines.Next());
  const Result<TreeHash> root = ReadTreeHash(lines.Next());
  // Our logs write no extension lines, and nobody would check them.
  if (!size.ok() || !root.ok() || !lines.done()) return Error::kNoteFormat;
  if (checkpoint.origin.empty()) return Error::kNoteFormat;
  checkpoint.size = *size;
  checkpoint.root = *root;
  return checkpoint;
}

}  // namespace

std::uint32_t KeyId(std::string_view name, Bytes key) {
  constexpr std::array<std::byte, 2> kSeparator{std::byte{'\n'},
                                                std::byte{kEd25519}};
  const Digest digest = Hash(HashAlgorithm::kSha256)
                            .Update(TextBytes(name))
                            .Update(kSeparator)
                            .Update(key)
                            .Finish();
  return BigEndian(digest.bytes().first(kIdBytes));
}

Result<VerifierKey> ParseVerifierKey(std::string_view text) {
  const std::size_t first = text.find('+');
  if (first == std::string_view::npos) return Error::kNoteFormat;
  VerifierKey key;
  key.name = Cut(text, 0, first);
  text.remove_prefix(first + 1);
  // Base64 may hold a '+': the second one of the text ends the id.
  if (text.size() <= kIdDigits || text[kIdDigits] != '+') {
    return Error::kNoteFormat;
  }
  const Result<std::uint32_t> id = ReadHexId(Cut(text, 0, kIdDigits));
  std::array<std::byte, 33> typed_key{};
  const Result<Bytes> decoded =
      DecodeBase64(Cut(text, kIdDigits + 1), typed_key);
  if (!id.ok() || !decoded.ok() || decoded->size() != typed_key.size() ||
      !IsKeyName(key.name)) {
    return Error::kNoteFormat;
  }
  key.id = *id;
  key.type = static_cast<std::uint8_t>(typed_key[0]);
  Copy(decoded->subspan(1), key.key);
  if (key.type != kEd25519) return Error::kUnsupported;
  if (key.id != KeyId(key.name, key.key)) return Error::kNoteFormat;
  return key;
}

Result<Checkpoint> OpenCheckpoint(std::string_view note,
                                  const VerifierKey& key) {
  const Result<Note> parts = SplitNote(note);
  if (!parts.ok()) return parts.error();
  BOOTSEAL_TRY(VerifyNote(*parts, key));
  // Known: the key's owner signed this text. Left: what does it say?
  const Result<Checkpoint> checkpoint = ReadCheckpoint(parts->text);
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

#include "firmware/image/transparency/signed_note.h"

#include "firmware/image/crypto.h"
#include "firmware/image/der.h"
#include "firmware/image/transparency/base64.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::transparency {
namespace {

constexpr std::size_t kIdDigits = 8;
constexpr std::size_t kEd25519SignatureBytes = 64;

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

}  // namespace

std::uint32_t KeyIdOfType(std::uint8_t type, std::string_view name, Bytes key) {
  const std::array<std::byte, 2> separator{std::byte{'\n'}, std::byte{type}};
  const Digest digest = Hash(HashAlgorithm::kSha256)
                            .Update(TextBytes(name))
                            .Update(separator)
                            .Update(key)
                            .Finish();
  return BigEndian(digest.bytes().first(NoteSignature::kIdBytes));
}

Result<VerifierKey> ParseKeyOfType(std::uint8_t type, std::string_view text) {
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
  if (key.type != type) return Error::kUnsupported;
  if (key.id != KeyIdOfType(type, key.name, key.key)) return Error::kNoteFormat;
  return key;
}

Result<NoteParts> SplitNote(std::string_view note) {
  if (!IsNoteText(note)) return Error::kNoteFormat;
  const std::size_t cut = note.rfind("\n\n");
  if (cut == std::string_view::npos || cut == 0) return Error::kNoteFormat;
  const NoteParts parts{Cut(note, 0, cut + 1), Cut(note, cut + 2)};
  if (parts.signatures.empty() || parts.signatures.back() != '\n') {
    return Error::kNoteFormat;
  }
  return parts;
}

Result<NoteSignature> ReadSignatureLine(std::string_view line) {
  const Result<std::string_view> rest = After(line, kSignatureDash);
  if (!rest.ok()) return Error::kNoteFormat;
  const std::size_t space = rest->find(' ');
  if (space == std::string_view::npos) return Error::kNoteFormat;
  NoteSignature signature;
  signature.name = Cut(*rest, 0, space);
  if (!IsKeyName(signature.name)) return Error::kNoteFormat;
  const Result<std::size_t> size =
      DecodeBase64Prefix(Cut(*rest, space + 1), signature.bytes);
  if (!size.ok() || *size <= NoteSignature::kIdBytes) return Error::kNoteFormat;
  signature.id =
      BigEndian(Bytes(signature.bytes).first(NoteSignature::kIdBytes));
  signature.size = *size - NoteSignature::kIdBytes;
  return signature;
}

Result<TreeHash> ReadTreeHash(std::string_view line) {
  TreeHash hash{};
  const Result<Bytes> decoded = DecodeBase64(line, hash);
  if (!decoded.ok() || decoded->size() != hash.size()) {
    return Error::kNoteFormat;
  }
  return hash;
}

Result<Checkpoint> ReadCheckpointText(std::string_view text) {
  Lines lines(text);
  Checkpoint checkpoint;
  checkpoint.origin = lines.Next();
  const Result<std::uint64_t> size = ReadDecimal(lines.Next());
  const Result<TreeHash> root = ReadTreeHash(lines.Next());
  if (!size.ok() || !root.ok() || !lines.done()) return Error::kNoteFormat;
  if (checkpoint.origin.empty()) return Error::kNoteFormat;
  checkpoint.size = *size;
  checkpoint.root = *root;
  return checkpoint;
}

Error VerifyEd25519(const VerifierKey& key, Bytes message, Bytes signature) {
  if (signature.size() != kEd25519SignatureBytes) return Error::kNoteSignature;
  std::array<std::byte, 44> der{};
  Writer writer(der);
  writer.Append(RawPublicKeyPrefix(Algorithm::kEd25519));
  writer.Append(key.key);
  const Error verdict = VerifySignature(Algorithm::kEd25519, writer.written(),
                                        message, signature);
  return verdict == Error::kOk ? Error::kOk : Error::kNoteSignature;
}

}  // namespace bootseal::image::transparency

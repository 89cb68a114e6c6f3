// The parts that signed notes of every kind are made of: text, signature lines,
// keys by type.
// Source: c2sp.org/signed-note@v1.0.0. Freestanding; thread-safe: free
// functions without state; what they give points into the caller's text.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_SIGNED_NOTE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_SIGNED_NOTE_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::image::transparency {

// Signature types; the key's bytes are a raw Ed25519 key for both.
inline constexpr std::uint8_t kNoteKey = 0x01;
inline constexpr std::uint8_t kCosignerKey = 0x04;  // tlog-cosignature@v1.0.1

inline constexpr std::string_view kSignatureDash = "\xe2\x80\x94 ";  // U+2014

// SHA-256(name || "\n" || type || key)[:4], big endian.
std::uint32_t KeyIdOfType(std::uint8_t type, std::string_view name, Bytes key);

// "name+<8 hex digits>+base64(type || key)". kNoteFormat, and kUnsupported for
// a key of another type.
Result<VerifierKey> ParseKeyOfType(std::uint8_t type, std::string_view text);

// A note cut at its last empty line.
struct NoteParts {
  std::string_view text;        // ends in a newline; this is what is signed
  std::string_view signatures;  // at least one line
};

Result<NoteParts> SplitNote(std::string_view note);

// One signature line. Of a signature longer than `bytes` its start only.
struct NoteSignature {
  static constexpr std::size_t kIdBytes = 4;
  static constexpr std::size_t kMaxBytes = 8 + 64;  // a cosignature

  std::string_view name;
  std::uint32_t id = 0;
  std::size_t size = 0;  // of the signature without the id
  std::array<std::byte, kIdBytes + kMaxBytes> bytes{};

  // Empty for one that is longer.
  Bytes signature() const {
    if (size > kMaxBytes) return {};
    return Bytes(bytes).subspan(kIdBytes, size);
  }
};

// Without the line's newline.
Result<NoteSignature> ReadSignatureLine(std::string_view line);

// Origin, size and root, each on its line, and nothing else: our logs write no
// extension lines, and nobody would check them.
Result<Checkpoint> ReadCheckpointText(std::string_view text);

// Standard base64 of 32 bytes.
Result<TreeHash> ReadTreeHash(std::string_view line);

// kOk or kNoteSignature.
Error VerifyEd25519(const VerifierKey& key, Bytes message, Bytes signature);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_SIGNED_NOTE_H_

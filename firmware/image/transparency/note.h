// C2SP signed notes, checkpoints and proof files, canonical forms only.
// Source: c2sp.org/signed-note@v1.0.0, tlog-checkpoint@v1.0.0, tlog-proof;
// facts: services 5.3. Freestanding; spans point into the caller's text.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_NOTE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_NOTE_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::image::transparency {

// A log's or witness's public key: "name+<8 hex digits>+base64(type || key)".
struct VerifierKey {
  std::string_view name;
  std::uint32_t id = 0;             // first 4 bytes of the hash, big endian
  std::uint8_t type = 0;            // 0x01 Ed25519
  std::array<std::byte, 32> key{};  // raw Ed25519 public key
};

// Id of an Ed25519 key: SHA-256(name || "\n" || 0x01 || key)[:4].
std::uint32_t KeyId(std::string_view name, Bytes key);

// kNoteFormat when the text is not canonical or the id is not the key's.
Result<VerifierKey> ParseVerifierKey(std::string_view text);

struct Checkpoint {
  std::string_view origin;
  std::uint64_t size = 0;
  TreeHash root{};
};

// Parses the note and verifies `key`'s signature on it; others are ignored.
// kNoteFormat, kNoteUnknownKey, kNoteSignature, kOrigin when the origin is not
// the key's name.
Result<Checkpoint> OpenCheckpoint(std::string_view note,
                                  const VerifierKey& key);

inline constexpr std::size_t kMaxProofHashes = 63;

// A tlog-proof file, parsed but not verified.
struct ProofFile {
  std::string_view extra;  // base64, may be empty
  std::uint64_t index = 0;
  std::array<TreeHash, kMaxProofHashes> hashes{};
  std::size_t hash_count = 0;
  std::string_view checkpoint;
};

Result<ProofFile> ParseProofFile(std::string_view text);

// kOk when `text` proves that `entry` is in the log of `key`.
Error VerifyReceipt(std::string_view text, Bytes entry, const VerifierKey& key);

// Strict standard base64 with padding. kNoteFormat, kBufferTooSmall.
Result<Bytes> DecodeBase64(std::string_view text, MutableBytes buffer);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_NOTE_H_

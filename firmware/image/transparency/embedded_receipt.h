// The receipt that an image carries: the proof that the audit log has a certain
// entry, in a form for bootloaders. Value of the unprotected TLV
// mcuboot::tlv::kReceipt; numbers little-endian, as everywhere in the image:
//
//     0    4  magic "BSR1"
//     4    8  index of the entry in the log
//    12    8  size of the tree that the checkpoint is about
//    20   32  its root
//    52   64  Ed25519 signature of the log over the checkpoint's text
//   116    1  number of hashes in the path, 0 to 63
//   117    1  zero
//   118    2  bytes of the entry, 72 or more
//   120       the path, 32 bytes each, from the leaf's sibling upward
//             the entry, whole: its hash is the leaf, and a part of it has none
//
// The checkpoint's text is not carried. Whoever checks it writes it anew from
// origin, size and root (checkpoint_text.h), and knows the origin himself.
// Cosignatures of witnesses are not carried either.
//
// Freestanding; thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_EMBEDDED_RECEIPT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_EMBEDDED_RECEIPT_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::image::transparency {

inline constexpr std::size_t kReceiptHeadBytes = 120;
inline constexpr std::size_t kLogSignatureBytes = 64;
inline constexpr std::size_t kMostPathHashes = 63;

struct EmbeddedReceipt {
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  TreeHash root{};
  Bytes signature;  // kLogSignatureBytes
  Bytes path;       // whole hashes
  Bytes entry;
};

// The parts point into `value`. kReceiptFormat when it is not one receipt to
// its last byte. Nothing of it is believed yet.
Result<EmbeddedReceipt> ReadEmbeddedReceipt(Bytes value);

// Its inverse, for hosts; never linked into a device. kReceiptFormat when a
// part has no such form, kBufferTooSmall.
Result<Bytes> WriteEmbeddedReceipt(const EmbeddedReceipt& receipt,
                                   MutableBytes buffer);

// kOk when the entry is at its index of the tree with that size and root;
// kProofLength or kProofMismatch.
Error CheckPath(const EmbeddedReceipt& receipt);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_EMBEDDED_RECEIPT_H_

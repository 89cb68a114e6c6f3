// What a bootloader reads of a log entry: its fixed head, and whether it is a
// signature that was allowed. Layout: proto/bootseal/v1/entry.proto.
//
//    0   4  magic "BSE1"
//    4   1  kind: field number of Entry.event; 10 is a signing event
//    5   1  digest algorithm: 0 none, 1 SHA-256, 2 SHA-384, 3 SHA-512
//    6   1  digest length in bytes
//    7   1  zero
//    8  64  signed digest, then zeros
//   72      bootseal.v1.Entry in protobuf's encoding
//
// Freestanding; no recursion; thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_ENTRY_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_ENTRY_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/crypto.h"
#include "firmware/image/result.h"

namespace bootseal::image::transparency {

inline constexpr std::size_t kEntryHeadBytes = 72;
inline constexpr std::uint8_t kSigningEvent = 10;

struct EntryHead {
  std::uint8_t kind = 0;
  std::uint8_t digest_algorithm = 0;  // image::HashAlgorithm, or 0
  Bytes digest;                       // points into the entry; may be empty
};

// kEntryFormat when the entry does not start with a head in its one form.
Result<EntryHead> ReadEntryHead(Bytes entry);

// kOk when the entry is a signing event with the decision ALLOWED, kEntryFormat
// otherwise. The head does not tell: a request that waits for approvals has its
// digest there, too.
Error CheckAllowed(Bytes entry);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_LOG_ENTRY_H_

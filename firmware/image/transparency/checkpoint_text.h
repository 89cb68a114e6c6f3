// A checkpoint's text, written: what a log's key signs. The same for server and
// device; no division of 64-bit numbers, which is a library call there.
// Source: c2sp.org/tlog-checkpoint@v1.0.0; facts: services 5.3. Freestanding;
// thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_CHECKPOINT_TEXT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_CHECKPOINT_TEXT_H_

#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::image::transparency {

// Longest origin of a log that a device can be told.
inline constexpr std::size_t kMostOriginBytes = 128;
// Origin, 20 digits, 44 characters of base64, three newlines.
inline constexpr std::size_t kMostCheckpointText =
    kMostOriginBytes + 20 + 44 + 3;

// Origin, size and root, each on its line and no other lines. Empty when the
// buffer is too small.
Bytes WriteCheckpointText(Bytes origin, std::uint64_t size,
                          const TreeHash& root, MutableBytes buffer);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_CHECKPOINT_TEXT_H_

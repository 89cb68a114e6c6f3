// Standard base64 with padding (RFC 4648 section 4), the one canonical form.
// Freestanding; thread-safe: free functions without state.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_BASE64_H_
#define BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_BASE64_H_

#include <string_view>

#include "firmware/image/bytes.h"
#include "firmware/image/result.h"

namespace bootseal::image::transparency {

// Checks the whole text, decodes as much as `buffer` holds and returns the size
// of all of it. kNoteFormat for an empty or non-canonical text.
Result<std::size_t> DecodeBase64Prefix(std::string_view text,
                                       MutableBytes buffer);

}  // namespace bootseal::image::transparency

#endif  // BOOTSEAL_FIRMWARE_IMAGE_TRANSPARENCY_BASE64_H_

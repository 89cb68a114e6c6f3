// From what the server sent and what we kept to the image: header, payload,
// TLVs, fill. An image crosses the wire once, and this is where it meets again.
#ifndef BOOTSEAL_CLIENT_CLI_ASSEMBLY_H_
#define BOOTSEAL_CLIENT_CLI_ASSEMBLY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::cli {

struct AssembledImage {
  // The whole file, fill and trailer included.
  std::string bytes;
  // End of the TLVs from the file's start; fill and trailer follow.
  std::size_t image_end = 0;
  // Where the trailer starts; bytes.size() when there is none.
  std::size_t trailer_begin = 0;
  // Bytes that the header put in front of the payload's own.
  std::size_t put_in_front = 0;
};

// Whether the payload that was sent starts with room for the reply's header:
// when the target says so, and it was not compressed.
bool PayloadHasRoom(const v1::SignReply& reply);

// FAILED_PRECONDITION (REPLY_MALFORMED) when the parts do not fit together: no
// MCUboot profile, a header of another size than the profile says, a file size
// below what it has to hold or above the slot.
absl::StatusOr<AssembledImage> Assemble(const v1::SignReply& reply,
                                        absl::string_view payload);

// OK when an image of a payload of so many bytes can be Intel HEX, as far as a
// target's format tells it before anything is signed. As ToIntelHex.
absl::Status CheckHexAddress(const v1::McubootFormat& format,
                             std::uint64_t payload_bytes,
                             std::uint32_t payload_address);

// As Intel HEX: image and trailer at their addresses, the fill left out as
// imgtool does. `payload_address` is where the payload's first byte lies; the
// image starts as much lower as was put in front, or at 0 when that is 0. Ends
// with kLocalFile: HEX_ADDRESS when there is no room below, or the file would
// leave the 32-bit address space.
absl::StatusOr<std::string> ToIntelHex(const AssembledImage& image,
                                       std::uint32_t payload_address);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ASSEMBLY_H_

// A payload as it is sent for a target whose bootloader decompresses.
#ifndef BOOTSEAL_CLIENT_CLI_COMPRESSED_PAYLOAD_H_
#define BOOTSEAL_CLIENT_CLI_COMPRESSED_PAYLOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::cli {

struct SentPayload {
  std::string bytes;
  v1::Compression compression = v1::COMPRESSION_UNSPECIFIED;
};

// Compresses as the target says, without the header room that the payload has
// where the target wants it. Left as it is, with a warning, when the device
// would not have less to keep: by imgtool's rule, with the longest signature
// that the target's key makes. INVALID_ARGUMENT: COMPRESSION_NOT_OF_TARGET when
// the target has none, HEADER_ROOM_NOT_ZERO, PAYLOAD_WITHOUT_HEADER_ROOM.
// Thread-safe.
absl::StatusOr<SentPayload> CompressFor(const v1::Profile& profile,
                                        std::string payload);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_COMPRESSED_PAYLOAD_H_

// The build's output, as `sign` takes it.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_INPUT_H_
#define BOOTSEAL_CLIENT_IMGTOOL_INPUT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/options.h"

namespace bootseal::imgtool {

struct Input {
  std::string payload;  // without the room for the header
  // Where the image starts in memory, from a HEX file or --hex-addr.
  std::optional<std::uint32_t> address;
};

// Warns of what looks wrong. INVALID_ARGUMENT: INPUT_NOT_FOUND, HEADER_ROOM
// (without --pad-header the file must start with that many zeros),
// ADDRESS_MISSING (a HEX output without one), PAYLOAD_EMPTY, PAYLOAD_IS_IMAGE;
// the errors of client/cli/payload.h.
absl::StatusOr<Input> LoadInput(const SignOptions& options);

// Whether they start with as many zeros as the header has bytes.
bool HasHeaderRoom(const SignOptions& options, absl::string_view bytes);

// The same options with the values of custom TLVs that are files.
absl::StatusOr<SignOptions> WithCustomFiles(SignOptions options);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_INPUT_H_

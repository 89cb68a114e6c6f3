// What the build made, as a file: raw bytes, or Intel HEX with an address.
#ifndef BOOTSEAL_CLIENT_CLI_PAYLOAD_H_
#define BOOTSEAL_CLIENT_CLI_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

// Above what any slot of a 32-bit device holds.
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{2} << 30;

// Raw bytes of a file, whichever of the two forms it has.
struct LoadedBytes {
  std::string bytes;
  // Where the first byte lies; only a HEX file says so.
  std::optional<std::uint32_t> address;
};

// Its name decides, as imgtool has it: HEX when IsHexPath, raw bytes otherwise,
// whatever they are. Ends with kLocalFile: FILE_* and HEX_*; HEX_NAME for a
// HEX file of another name, as none of the formats we read looks like one.
absl::StatusOr<LoadedBytes> LoadBytes(const std::string& path);

struct Payload {
  LoadedBytes loaded;
  // What is strange about it, for people; empty for nothing.
  std::vector<std::string> warnings;
};

// For signing: raw bytes are taken whatever they look like, with a warning for
// what is a lookalike. Ends with kLocalFile: FILE_*, HEX_*; PAYLOAD_EMPTY;
// PAYLOAD_IS_IMAGE when an MCUboot header is at its front.
absl::StatusOr<Payload> LoadPayload(const std::string& path);

// "app.signed.bin" for "app.bin", "app.signed" for "app".
std::string SignedPath(const std::string& path);

// True for names that end in .hex or .ihex, in either case.
bool IsHexPath(absl::string_view path);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PAYLOAD_H_

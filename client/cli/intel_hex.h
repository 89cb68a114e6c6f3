// Intel HEX, read strictly and written plainly.
// Source: Intel Hexadecimal Object File Format Specification, revision A, 1988;
// facts: mcuboot 1.15. Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_INTEL_HEX_H_
#define BOOTSEAL_CLIENT_CLI_INTEL_HEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

// The largest hole between two records that is filled in a payload.
inline constexpr std::uint64_t kMaxHexGapBytes = 1024 * 1024;

// From the first byte to the last, holes included; a server's largest payload
// unless its limits say otherwise.
inline constexpr std::uint64_t kMaxHexSpanBytes = 64 * 1024 * 1024;

// The text of such a file: 45 characters for 16 bytes are usual.
inline constexpr std::size_t kMaxHexTextBytes = 4 * kMaxHexSpanBytes;

// Bytes that lie together; they must outlive it.
struct HexSegment {
  std::uint32_t address = 0;
  absl::string_view bytes;
};

// What a HEX file loads, from its lowest address on; holes are 0xff.
struct HexContent {
  std::uint32_t address = 0;
  std::string bytes;
};

// True when every line, blank ones aside, has the shape of a record.
bool LooksLikeHex(absl::string_view text);

// Records may come in any order; blank lines count for nothing. Ends with
// kLocalFile, each error with its line: HEX_SYNTAX (naming what is there
// instead), HEX_CHECKSUM, HEX_RECORD_TYPE, HEX_WRAP (a record leaves its 64 KiB
// segment), HEX_OVERLAP, HEX_GAP (above `max_gap`), HEX_TOO_LARGE (above
// kMaxHexSpanBytes), HEX_NO_END (no end-of-file record), HEX_AFTER_END,
// HEX_EMPTY.
absl::StatusOr<HexContent> ReadIntelHex(
    absl::string_view text, std::uint64_t max_gap = kMaxHexGapBytes);

// 16 bytes a record, extended linear addresses, LF line ends. HEX_ADDRESS when
// a segment leaves the 32-bit address space.
absl::StatusOr<std::string> WriteIntelHex(
    const std::vector<HexSegment>& segments);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_INTEL_HEX_H_

// One line of Intel HEX, read strictly.
// Source: Intel Hexadecimal Object File Format Specification, revision A, 1988.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_HEX_RECORD_H_
#define BOOTSEAL_CLIENT_CLI_HEX_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

enum HexRecordType : std::uint8_t {
  kHexData = 0,
  kHexEndOfFile = 1,
  kHexExtendedSegment = 2,
  kHexStartSegment = 3,
  kHexExtendedLinear = 4,
  kHexStartLinear = 5,
};

struct HexRecord {
  std::size_t line = 0;
  std::uint32_t offset = 0;
  std::uint8_t type = 0;  // a HexRecordType, or unknown
  std::string data;
};

// Ends with kLocalFile; the message starts with the line's number.
absl::Status HexError(absl::string_view reason, std::size_t line,
                      absl::string_view what);

// The text's first line without its end, empty for a blank one; and the rest.
std::pair<absl::string_view, absl::string_view> SplitHexLine(
    absl::string_view text);

// A colon and pairs of hexadecimal digits, five at least.
bool HasHexRecordShape(absl::string_view line);

// `number` is the line's. HEX_SYNTAX, naming what is there instead;
// HEX_CHECKSUM.
absl::StatusOr<HexRecord> ReadHexRecord(absl::string_view line,
                                        std::size_t number);

// With its checksum and a line end. At most 255 bytes of data, 16 bits of
// offset.
std::string FormatHexRecord(HexRecordType type, std::uint32_t offset,
                            absl::string_view data);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_HEX_RECORD_H_

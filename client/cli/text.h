// Text for people: aligned tables, hexadecimal, and nothing that a terminal
// would take for a command. Thread-safe, except for the printing of results.
#ifndef BOOTSEAL_CLIENT_CLI_TEXT_H_
#define BOOTSEAL_CLIENT_CLI_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

// UTF-8 as it is; invalid bytes become U+FFFD.
std::string ValidUtf8(absl::string_view text);

// The same with control characters escaped: text of others cannot move the
// cursor or forge a line.
std::string Printable(absl::string_view text);

// Columns padded to their widest cell, two spaces between, no trailing spaces.
std::string FormatTable(const std::vector<std::vector<std::string>>& rows);

// "0x400"
std::string HexNumber(std::uint64_t number);

// "2026-11-21T07:00:00Z" from milliseconds since 1970.
std::string FormatUnixMilliseconds(std::int64_t milliseconds);

// Writes to standard output at once; results only. A failure is kept.
void PrintResult(absl::string_view text);

// OK when every result so far was written. FILE_UNWRITABLE.
absl::Status ResultsWritten();

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_TEXT_H_

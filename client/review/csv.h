// Comma-separated values (RFC 4180) that a spreadsheet takes for text: a cell
// which it would take for a formula begins with an apostrophe.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_REVIEW_CSV_H_
#define BOOTSEAL_CLIENT_REVIEW_CSV_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bootseal::review {

std::string CsvCell(absl::string_view text);

// With CRLF at the end.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_CSV_H_

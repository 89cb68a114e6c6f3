#include "client/cli/text.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/status.h"

namespace bootseal::cli {
namespace {

int print_error = 0;  // errno of the first result that was not written

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Length of the well-formed sequence at the front (Unicode table 3-7); 0 when
// there is none.
std::size_t SequenceLength(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (length == 0 || text.size() < length) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < low || second > high) return 0;
  const absl::string_view rest = text.substr(2, length - 2);
  return std::all_of(rest.begin(), rest.end(), IsContinuation) ? length : 0;
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// The C1 controls, U+0080 to U+009f, which some terminals obey.
bool IsControl(absl::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' &&
         static_cast<unsigned char>(sequence[1]) < 0xa0;
}

std::size_t DisplayWidth(absl::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::vector<std::size_t> ColumnWidths(
    const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    if (row.size() > widths.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  return widths;
}

}  // namespace

std::string ValidUtf8(absl::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    if (length == 0) {
      valid += "\xef\xbf\xbd";
    } else {
      absl::StrAppend(&valid, text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::string Printable(absl::string_view text) {
  const std::string valid = ValidUtf8(text);
  std::string printable;
  for (absl::string_view rest = valid; !rest.empty();) {
    const absl::string_view sequence = rest.substr(0, SequenceLength(rest));
    if (IsControl(sequence[0]) || IsControl(sequence)) {
      for (const char c : sequence) {
        absl::StrAppendFormat(&printable, "\\x%02x",
                              static_cast<unsigned char>(c));
      }
    } else {
      absl::StrAppend(&printable, sequence);
    }
    rest.remove_prefix(sequence.size());
  }
  return printable;
}

std::string FormatTable(const std::vector<std::vector<std::string>>& rows) {
  const std::vector<std::size_t> widths = ColumnWidths(rows);
  std::string table;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i],
                      std::string(widths[i] - DisplayWidth(row[i]) + 2, ' '));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&table, line, "\n");
  }
  return table;
}

std::string HexNumber(std::uint64_t number) {
  return absl::StrFormat("0x%x", number);
}

std::string FormatUnixMilliseconds(std::int64_t milliseconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixMillis(milliseconds),
                          absl::UTCTimeZone());
}

void PrintResult(absl::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0;
  if (!written && print_error == 0) print_error = errno;
}

absl::Status ResultsWritten() {
  if (print_error == 0) return absl::OkStatus();
  return base::Precondition("FILE_UNWRITABLE",
                            absl::StrCat("cannot write to standard output: ",
                                         std::strerror(print_error)));
}

}  // namespace bootseal::cli

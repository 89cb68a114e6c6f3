#include "client/review/csv.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/text.h"

namespace bootseal::review {
namespace {

// What starts a formula in the usual programs; tab and return are skipped by
// some of them before they look.
bool StartsFormula(absl::string_view text) {
  return !text.empty() && absl::string_view("=+-@\t\r").find(text.front()) !=
                              absl::string_view::npos;
}

}  // namespace

std::string CsvCell(absl::string_view text) {
  std::string cell = cli::ValidUtf8(text);
  if (StartsFormula(cell)) cell = absl::StrCat("'", cell);
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string CsvLine(const std::vector<std::string>& cells) {
  return absl::StrCat(
      absl::StrJoin(cells, ",",
                    [](std::string* out, const std::string& cell) {
                      absl::StrAppend(out, CsvCell(cell));
                    }),
      "\r\n");
}

}  // namespace bootseal::review

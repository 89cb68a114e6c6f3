#include "server/audit/postgres/column.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::audit {

void Column::AddNumber(std::uint64_t number) {
  Separate();
  absl::StrAppend(&text_, number);
  if (number <= kMaxStored) return;
  status_ = base::Fail(absl::StatusCode::kOutOfRange, "LOG_NUMBER",
                       absl::StrCat(number, " does not fit the audit log, ",
                                    "expected at most ", kMaxStored));
}

// In an array's quotes the backslash of \x is one of two.
void Column::AddBytes(absl::string_view bytes) {
  Separate();
  absl::StrAppend(&text_, "\"\\\\x", absl::BytesToHexString(bytes), "\"");
}

void Column::AddNull() {
  Separate();
  absl::StrAppend(&text_, "NULL");
}

void Column::Separate() {
  if (text_.size() > 1) text_ += ',';
}

}  // namespace bootseal::audit

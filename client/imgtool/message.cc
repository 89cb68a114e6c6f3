#include "client/imgtool/message.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/text.h"

namespace bootseal::imgtool {

void Warn(absl::string_view text) {
  const std::string line =
      absl::StrCat("bootseal: warning: ", cli::Printable(text), "\n");
  std::fputs(line.c_str(), stderr);
}

absl::Status Unfit(absl::string_view reason, absl::string_view field,
                   absl::string_view message) {
  return base::FailField(absl::StatusCode::kOutOfRange, reason, field, message);
}

}  // namespace bootseal::imgtool

#include "client/imgtool/message.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/text.h"

namespace bootseal::imgtool {

void Warn(absl::string_view text) {
  const std::string line =
      absl::StrCat("bootseal: warning: ", cli::Printable(text), "\n");
  std::fputs(line.c_str(), stderr);
}

}  // namespace bootseal::imgtool

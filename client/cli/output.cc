#include "client/cli/output.h"

#include "base/file.h"
#include "client/cli/text.h"

namespace bootseal::cli {

absl::Status WriteOutput(const std::string& path, const std::string& content) {
  if (!path.empty() && path != "-") {
    return base::WriteFileAtomically(path, content);
  }
  PrintResult(content);
  return absl::OkStatus();
}

}  // namespace bootseal::cli

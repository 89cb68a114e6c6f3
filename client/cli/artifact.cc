#include "client/cli/artifact.h"

#include "base/status.h"
#include "client/cli/output.h"
#include "client/cli/text.h"

namespace bootseal::cli {

absl::Status Hand(Format format, const std::string& path, Artifact artifact) {
  if (format == Format::kText) return WriteOutput(path, artifact.content);
  if (path.empty() || path == "-") {
    artifact.about.Add("content", artifact.shown);
  } else {
    RETURN_IF_ERROR(WriteOutput(path, artifact.content));
    artifact.about.Add("output", Json::Text(path));
  }
  return WriteOutput("", artifact.about.Build().text() + "\n");
}

}  // namespace bootseal::cli

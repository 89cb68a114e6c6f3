// A result that is a file in its own right: a profile, a key, a source text.
#ifndef BOOTSEAL_CLIENT_CLI_ARTIFACT_H_
#define BOOTSEAL_CLIENT_CLI_ARTIFACT_H_

#include <string>

#include "absl/status/status.h"
#include "client/cli/json.h"
#include "client/cli/report.h"

namespace bootseal::cli {

struct Artifact {
  std::string content;  // exact bytes
  Json shown;           // the same in JSON: text, or bytes in hexadecimal
  JsonObject about;     // what it is
};

// Writes it to `path`, or to standard output when that is empty or "-". With
// JSON, standard output gets `about` with "content", or with "output", the
// file's path. FILE_UNWRITABLE.
absl::Status Hand(Format format, const std::string& path, Artifact artifact);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ARTIFACT_H_

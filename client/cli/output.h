// Where a command's result goes: standard output, or a file that appears whole.
#ifndef BOOTSEAL_CLIENT_CLI_OUTPUT_H_
#define BOOTSEAL_CLIENT_CLI_OUTPUT_H_

#include <string>

#include "absl/status/status.h"

namespace bootseal::cli {

// An empty path or "-" means standard output. FILE_UNWRITABLE.
absl::Status WriteOutput(const std::string& path, const std::string& content);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_OUTPUT_H_

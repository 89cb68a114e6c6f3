// The server's configuration file.
#ifndef BOOTSEAL_SERVER_CONFIG_H_
#define BOOTSEAL_SERVER_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/config.pb.h"

namespace bootseal::server {

// Reads and checks the file, puts defaults in and makes its paths relative to
// the working folder instead of to the file. INVALID_ARGUMENT (CONFIG_INVALID)
// with every problem on a line of its own, each with its field path; or base/
// file.h's errors.
absl::StatusOr<v1::ServerConfig> LoadConfig(const std::string& path);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_CONFIG_H_

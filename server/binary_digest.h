// What program this is, for the log's START entry.
#ifndef BOOTSEAL_SERVER_BINARY_DIGEST_H_
#define BOOTSEAL_SERVER_BINARY_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"

namespace bootseal::server {

// SHA-256 of the running executable, 32 raw bytes. Thread-safe.
absl::StatusOr<std::string> BinarySha256();

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_BINARY_DIGEST_H_

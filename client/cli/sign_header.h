// What every request for a signature says of itself. Thread-safe.
#ifndef BOOTSEAL_CLIENT_CLI_SIGN_HEADER_H_
#define BOOTSEAL_CLIENT_CLI_SIGN_HEADER_H_

#include "absl/status/statusor.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/sign_options.h"

namespace bootseal::cli {

// Target, version, security counter and request id, a random one by default.
// ParseVersion's error, ending with kUsage.
absl::StatusOr<v1::SignHeader> BeginHeader(const SignOptions& options);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGN_HEADER_H_

// Why a connection fails, in words. gRPC says "failed to connect to all
// addresses"; after such a failure, and only then, this connects once more by
// hand and looks at each step.
#ifndef BOOTSEAL_CLIENT_CLI_PROBE_H_
#define BOOTSEAL_CLIENT_CLI_PROBE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/credentials.h"

namespace bootseal::cli {

struct Address {
  std::string host;  // without brackets
  std::string port;
};

// "host:port" or "[v6]:port". Ends with kUsage: SERVER_INVALID.
absl::StatusOr<Address> ParseAddress(absl::string_view server);

// "host:port", or several with commas between. Ends with kUsage:
// SERVER_MISSING, SERVER_INVALID; one that is there twice counts once.
absl::StatusOr<std::vector<std::string>> SplitServers(
    absl::string_view servers);

// OK when name, TCP and TLS work now. Otherwise UNAVAILABLE with
// SERVER_UNKNOWN (no such name), SERVER_UNREACHABLE (refused, no answer within
// `limit`, broken off during the handshake) or HANDSHAKE_FAILED (CA, name, our
// certificate; seen twice): the last is not cured by trying again.
absl::Status ProbeServer(absl::string_view server,
                         const Credentials& credentials, absl::Duration limit);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PROBE_H_

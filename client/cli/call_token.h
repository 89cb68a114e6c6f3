// Which token a call carries, by the settings.
#ifndef BOOTSEAL_CLIENT_CLI_CALL_TOKEN_H_
#define BOOTSEAL_CLIENT_CLI_CALL_TOKEN_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "client/cli/settings.h"
#include "client/token/source.h"
#include "grpcpp/client_context.h"

namespace bootseal::cli {

// nullptr when the settings name none: the certificate alone tells who we are.
// Ends with kUsage: TOKEN_SOURCE_MISSING, TOKEN_SOURCE_INVALID. `clock` must
// outlive it.
absl::StatusOr<std::unique_ptr<token::Source>> OpenTokenSource(
    const Settings& settings, const base::Clock& clock);

// Fetches one and gives it to a call that has not begun; it leaves over TLS
// only. TOKEN_INVALID, TOKEN_EXPIRED and FILE_* end with kLocalFile, the rest
// as token/github_actions.h has it.
absl::Status AddToken(token::Source& source, grpc::ClientContext& context);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_CALL_TOKEN_H_

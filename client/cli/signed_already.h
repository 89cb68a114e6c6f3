// What a command says when it ends after the server has signed: the signature
// is in the log, and the same request gets it again.
#ifndef BOOTSEAL_CLIENT_CLI_SIGNED_ALREADY_H_
#define BOOTSEAL_CLIENT_CLI_SIGNED_ALREADY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

// The command line of this process, told once and before any command runs. Not
// thread-safe.
void RememberCommandLine(const std::vector<std::string>& arguments);

// `status` of a step that follows a receipt which was verified. Where a later
// try may succeed (it ends with kUnreachable or kLocalFile) it is the same
// error, with the same exit status, and says that what was asked for was signed
// and logged, as which request, and the command that fetches it again: this
// one, with the request id. Any other, such as LOG_INCONSISTENT, is left alone.
absl::Status AfterSigning(const absl::Status& status,
                          absl::string_view request_id);

// The same for a command that cannot name a request: `what` was logged, and
// what comes `next`, in words.
absl::Status AfterLogging(const absl::Status& status, absl::string_view what,
                          absl::string_view next);

// Of AfterSigning; empty for any other error.
std::string SignedRequestOf(const absl::Status& status);
std::string FetchCommandOf(const absl::Status& status);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGNED_ALREADY_H_

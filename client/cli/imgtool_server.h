// imgtool sign with a key in the HSM: the server signs for a target of its
// policy, and nothing is written that the checks of acceptance.h do not pass.
#ifndef BOOTSEAL_CLIENT_CLI_IMGTOOL_SERVER_H_
#define BOOTSEAL_CLIENT_CLI_IMGTOOL_SERVER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/context.h"
#include "client/imgtool/server.h"

namespace bootseal::cli {

// The profile that -k bootseal:SIGNER means: a target by its name, or the only
// one that uses the key of "key/NAME". Of several the one whose padding the
// command line asks for (builds sign one payload plain and with --confirm,
// under one key), and of several such the one that it does not contradict.
// NOT_FOUND: UNKNOWN_TARGET, KEY_UNUSED; INVALID_ARGUMENT (KEY_AMBIGUOUS)
// naming the candidates.
absl::StatusOr<v1::Profile> FindSigner(const std::vector<v1::Profile>& profiles,
                                       const imgtool::ServerOrder& order);

// The target's options fill in what the order leaves out. Ends as
// FindSigner, CheckAgainstTarget, and the command sign.
absl::Status SignImageOnServer(Context& context,
                               const imgtool::ServerOrder& order);

// With imgtool's exit status, but for a request that waits for people: that is
// 3, as everywhere.
absl::Status WithImgtoolExit(const absl::Status& status);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_IMGTOOL_SERVER_H_

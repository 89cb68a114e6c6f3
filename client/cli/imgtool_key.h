// The public key behind -k bootseal:..., for imgtool's commands that need no
// private one.
#ifndef BOOTSEAL_CLIENT_CLI_IMGTOOL_KEY_H_
#define BOOTSEAL_CLIENT_CLI_IMGTOOL_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/context.h"
#include "client/imgtool/server.h"

namespace bootseal::cli {

// Of a target by its name, or of "key/NAME": the key of a target that we may
// ask for, otherwise one that the server shows us. Ends as FetchTargets; as
// FindSigner for the name of a target; with what KeyService says for that of a
// key.
absl::StatusOr<imgtool::KeyOnServer> FindKeyOnServer(Context& context,
                                                     const std::string& signer);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_IMGTOOL_KEY_H_

// --witness and --witness-key: what a witness saw of a log, held against the
// log that the server shows.
#ifndef BOOTSEAL_CLIENT_CLI_WITNESS_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_WITNESS_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/checkpoint_store.h"
#include "client/cli/log_key.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

struct WitnessOptions {
  std::vector<std::string> sources;  // URL, or file with a cosigned checkpoint
  std::vector<std::string> keys;     // one for each, in the same order
};

void DeclareWitnessOptions(CLI::App& app, WitnessOptions& options);

// OK when the log has all that each witness saw. Ends with kUsage for options
// that do not fit; otherwise as witness::ReadSighting (one that saw nothing of
// the log is a warning) and witness::CheckSighting.
absl::Status CheckWitnesses(const WitnessOptions& options, const LogKey& key,
                            const TrustedCheckpoint& now,
                            const ConsistencyProof& proof);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_WITNESS_CHECK_H_

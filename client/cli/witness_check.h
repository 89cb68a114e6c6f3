// --witness and --witness-key: what a witness saw of a log, to hold the log
// against.
#ifndef BOOTSEAL_CLIENT_CLI_WITNESS_CHECK_H_
#define BOOTSEAL_CLIENT_CLI_WITNESS_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/log_key.h"
#include "client/review/tree_checks.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

struct WitnessOptions {
  std::vector<std::string> sources;  // URL, or file with a cosigned checkpoint
  std::vector<std::string> keys;     // one for each, in the same order
};

void DeclareWitnessOptions(CLI::App& app, WitnessOptions& options);

// What each witness saw of the log, by the name of its source. Ends with kUsage
// for options that do not fit; otherwise as witness::ReadSighting (one that saw
// nothing of the log is a warning).
absl::StatusOr<std::vector<review::KnownCheckpoint>> ReadWitnesses(
    const WitnessOptions& options, const LogKey& key);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_WITNESS_CHECK_H_

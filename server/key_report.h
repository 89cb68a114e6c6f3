// bootseald --check-keys: the token of the configuration held against its
// policy, key by key, and what else a start needs (start_checks.h). Nothing is
// served, and nothing is written to the log.
#ifndef BOOTSEAL_SERVER_KEY_REPORT_H_
#define BOOTSEAL_SERVER_KEY_REPORT_H_

#include <string>

#include "absl/status/statusor.h"

namespace bootseal::server {

struct KeyReport {
  // A line for each key and each check, all of them, and one that says how many
  // keys sign.
  std::string text;
  bool all_well = false;
};

// Errors of configuration, policy, PIN and token: as of a start. Not
// thread-safe: opens the token, of which a process has one.
absl::StatusOr<KeyReport> CheckKeys(const std::string& config_path);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_REPORT_H_

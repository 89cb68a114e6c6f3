// bootseald --check-keys: the token of the configuration held against its
// policy, key by key. Nothing is served, and nothing is written to the log.
#ifndef BOOTSEAL_SERVER_KEY_REPORT_H_
#define BOOTSEAL_SERVER_KEY_REPORT_H_

#include <string>

#include "absl/status/statusor.h"

namespace bootseal::server {

struct KeyReport {
  // A line for each key, all of them, and one that says how many sign.
  std::string text;
  bool all_sign = false;
};

// Errors of configuration, policy, PIN and token: as of a start. Not
// thread-safe: opens the token, of which a process has one.
absl::StatusOr<KeyReport> CheckKeys(const std::string& config_path);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_KEY_REPORT_H_

// What a start would meet beside the token: TLS files, the CAs of the policy,
// the keys that the configuration names, and where the log is.
#ifndef BOOTSEAL_SERVER_START_CHECKS_H_
#define BOOTSEAL_SERVER_START_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/config.pb.h"
#include "server/trust/policy.h"

namespace bootseal::server {

struct StartCheck {
  std::string of;                     // "tls", "trust domain NAME", "log", ...
  absl::StatusOr<std::string> found;  // for people, in a few words
};

// All of them; one that fails stops no other. Nothing is made or written: a log
// that a server uses is left alone, and of a database only a session is opened
// (audit/postgres/session.h). Statuses are those of a start, and beyond them
// CERTIFICATE_EXPIRED and CERTIFICATE_NOT_YET_VALID, with which a server starts
// and no client comes in, and LOG_UNREACHABLE.
std::vector<StartCheck> CheckStart(const v1::ServerConfig& config,
                                   const trust::Policy& policy, absl::Time now);

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_START_CHECKS_H_

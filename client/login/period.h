// When a certificate or a token is good, in words. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LOGIN_PERIOD_H_
#define BOOTSEAL_CLIENT_LOGIN_PERIOD_H_

#include <string>

#include "absl/time/time.h"

namespace bootseal::login {

// Both ends belong to it.
struct Period {
  absl::Time begin;
  absl::Time end;
};

enum class State { kNotYetValid, kValid, kExpiresSoon, kExpired };

// kExpiresSoon: within the last seven days and the last third of the period, so
// that certificates of a day or an hour are not always about to expire.
State StateAt(const Period& period, absl::Time now);

// "not yet valid" "valid" "expires soon" "expired"
const char* NameOf(State state);

// "2026-12-01 08:00:00 UTC, in 6 days"; "3 hours ago" when it is over.
std::string EndInWords(const Period& period, absl::Time now);

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_PERIOD_H_

// What a policy pins of an issuer's file of keys: its bytes, by their hash.
#ifndef BOOTSEAL_SERVER_TRUST_KEY_SET_PIN_H_
#define BOOTSEAL_SERVER_TRUST_KEY_SET_PIN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::trust {

// SHA-256 in lower hex.
std::string KeySetPin(absl::string_view file);

// The policy may have the hash in capitals.
bool IsPinned(const v1::Issuer& issuer, absl::string_view file);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_KEY_SET_PIN_H_

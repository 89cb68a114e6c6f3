// Which of the keys that a target's devices trust signed a file, while one key
// takes another's place (Target.overlap_keys). Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_KEY_IN_USE_H_
#define BOOTSEAL_CLIENT_CLI_KEY_IN_USE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/json.h"

namespace bootseal::cli {

struct KeyInUse {
  v1::Profile profile;  // judges by this key alone
  std::string current;  // name of the key that signs today
  bool alone = true;    // the target has no overlap_keys
};

// By the first key with which `judge` takes the file; when there is none, by
// the one that the file is of, or by the current one.
KeyInUse FindKeyInUse(
    const v1::Profile& profile,
    absl::FunctionRef<absl::Status(const v1::Profile&)> judge);

// ", key app2, the current one" or ", key app, beside app2, the current one";
// empty of a target without overlap_keys.
std::string KeyWords(const KeyInUse& key);

// Adds "key" and "key_is_current".
void AddKey(const KeyInUse& key, JsonObject& json);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_KEY_IN_USE_H_

// Whether a token holds the keys that somebody pinned, and signs with them.
#ifndef BOOTSEAL_HSM_KEY_CHECK_H_
#define BOOTSEAL_HSM_KEY_CHECK_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

// A row for each spec, in their order; one that does not serve stops no other.
// A key that may serve signs, once, the hash of a text that no device takes for
// an image's digest and no log for a checkpoint; the signature is verified with
// the public half, which the spec pins, and thrown away. A row's status is one
// of signer.h's, SIGNATURE_WRONG among them: the private half is another key's.
// UNAVAILABLE when the token itself is gone. Thread-safe.
absl::StatusOr<std::vector<ServingKey>> CheckKeys(
    const std::shared_ptr<Token>& token, const std::vector<KeySpec>& keys);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_KEY_CHECK_H_

// Whether a key may serve, from what the token says of it.
#ifndef BOOTSEAL_HSM_JUDGEMENT_H_
#define BOOTSEAL_HSM_JUDGEMENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hsm/public_key.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

enum class Origin { kToken, kAnywhere };

// FAILED_PRECONDITION: KEY_EXTRACTABLE (the private half can leave or could
// once leave the token, or is not sensitive), KEY_WITHOUT_PIN (it signs for
// whoever opens the token), KEY_PIN_EACH_TIME (no server can sign with it),
// KEY_USAGE (it does not sign), KEY_IMPORTED (born elsewhere, and `accepted` is
// kToken).
absl::Status JudgeAttributes(const KeyInfo& info, Origin accepted);

// All of the policy's conditions. FAILED_PRECONDITION: KEY_TYPE, KEY_USAGE (a
// padding that is not the key's), KEY_NOT_PINNED, KEY_PUBLICLY_KNOWN, and the
// above.
absl::Status Judge(const KeySpec& spec, const KeyInfo& info,
                   const PublicKey& key,
                   const std::vector<std::string>& refused);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_JUDGEMENT_H_

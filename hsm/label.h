// Labels that we give to tokens and keys: printable ASCII without a space at
// either end. PKCS#11 pads with spaces, so those would be lost; anything else
// cannot be typed, read or told apart by whoever names the key in a policy.
#ifndef BOOTSEAL_HSM_LABEL_H_
#define BOOTSEAL_HSM_LABEL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::hsm {

// INVALID_ARGUMENT (TOKEN_LABEL): a token's label has 1 to 32 bytes.
absl::Status CheckTokenLabel(absl::string_view label);

// INVALID_ARGUMENT (KEY_LABEL).
absl::Status CheckKeyLabel(absl::string_view label);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_LABEL_H_

// Where a PIN came from, for whoever has to correct it.
#ifndef BOOTSEAL_HSM_PIN_SOURCE_H_
#define BOOTSEAL_HSM_PIN_SOURCE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::hsm {

// Names `source`, a path or "credential:NAME", in what a token says of a PIN:
// PIN_INCORRECT, PIN_LOCKED and the like. Any other status stays as it is, and
// so does that of a PIN that was typed, whose source is empty. Thread-safe: a
// free function.
absl::Status WithPinSource(const absl::Status& status,
                           absl::string_view source);

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_PIN_SOURCE_H_

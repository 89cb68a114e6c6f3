// Passphrases, asked for where a person types them.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_PROMPT_H_
#define BOOTSEAL_CLIENT_IMGTOOL_PROMPT_H_

#include "absl/status/statusor.h"
#include "base/secret.h"

namespace bootseal::imgtool {

// One line from the terminal without echo; from standard input for a process
// that has no terminal. FAILED_PRECONDITION (PASSPHRASE_MISSING) at its end.
// Not thread-safe.
absl::StatusOr<base::Secret> AskPassphrase();

// The same for a token's PIN. FAILED_PRECONDITION (PASSPHRASE_MISSING).
absl::StatusOr<base::Secret> AskPin();

// Twice, until both are the same. PASSPHRASE_EMPTY: a key would be written in
// the clear.
absl::StatusOr<base::Secret> AskNewPassphrase();

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_PROMPT_H_

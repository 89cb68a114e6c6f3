// A key as a policy pins it, and as a log's clients do.
#ifndef BOOTSEAL_HSM_COMMANDS_POLICY_LINE_H_
#define BOOTSEAL_HSM_COMMANDS_POLICY_LINE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/token.h"

namespace bootseal::hsm::commands {

// "keys { name: ... }", one line without a break, ready to paste; named as its
// label, with - for what a policy's names do not have, and with accept_imported when it was not born in the token. `purpose` is
// firmware, checkpoint or canary.
std::string PolicyLine(const Token& token, const KeyInfo& key,
                       const std::string& purpose);

// INVALID_ARGUMENT (ORIGIN): a log's name, without spaces and plus signs.
absl::Status CheckLogOrigin(const std::string& origin);

// C2SP signed-note: name, first four bytes of the hash, type and key. As above;
// FAILED_PRECONDITION (KEY_TYPE) unless it is Ed25519.
absl::StatusOr<std::string> VerifierKeyOf(const PublicKey& key,
                                          const std::string& origin);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_POLICY_LINE_H_

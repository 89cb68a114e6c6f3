// The steps of a ceremony: each looks, checks, and says what it saw.
#ifndef BOOTSEAL_HSM_COMMANDS_CEREMONY_STEPS_H_
#define BOOTSEAL_HSM_COMMANDS_CEREMONY_STEPS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hsm/commands/ceremony_plan.h"
#include "hsm/commands/ceremony_record.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/token.h"

namespace bootseal::hsm::commands {

using Seen = CeremonyRecord::Details;

// This program: version, path, SHA-256 of its file.
absl::Status SeeProgram(Seen& details);
// Module and token as they say of themselves, and that no planned label is
// taken: FAILED_PRECONDITION (KEY_EXISTS).
absl::Status SeeToken(const CeremonyOptions& options,
                      const std::vector<PlannedKey>& plan, Token& token,
                      Seen& details);
absl::Status SeeRandom(Token& token, Seen& details);
// How many publicly known keys this program refuses.
absl::Status SeeKnownKeys(Seen& details);

absl::StatusOr<pkcs11::FoundKey> Generate(const PlannedKey& plan, Token& token,
                                          Seen& details);
// Everything read back from the token, and judged.
absl::Status SeeAttributes(const pkcs11::FoundKey& key, Token& token,
                           Seen& details);
// Neither everybody's nor another's in this token: KEY_PUBLICLY_KNOWN,
// KEY_DUPLICATE.
absl::Status SeeThatItIsNew(const pkcs11::FoundKey& key, Token& token,
                            Seen& details);
// Signs over `lines`, and verifies with the public half.
absl::Status Probe(const PlannedKey& plan, const pkcs11::FoundKey& key,
                   const std::string& lines,
                   const std::shared_ptr<Token>& token, Seen& details);
absl::Status SeeHashes(const pkcs11::FoundKey& key, Seen& details);
absl::Status SeePolicy(const CeremonyOptions& options, const PlannedKey& plan,
                       const pkcs11::FoundKey& key, const Token& token,
                       Seen& details);
// What people have to do afterwards.
absl::Status Remind(Seen& details);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_CEREMONY_STEPS_H_

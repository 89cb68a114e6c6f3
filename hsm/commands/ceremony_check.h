// A transcript held against the token of today.
#ifndef BOOTSEAL_HSM_COMMANDS_CEREMONY_CHECK_H_
#define BOOTSEAL_HSM_COMMANDS_CEREMONY_CHECK_H_

#include "absl/status/status.h"
#include "hsm/commands/ceremony_plan.h"

namespace bootseal::hsm::commands {

// The transcript is whole and of a ceremony that ended well, and the token has
// its keys: the same public keys, hashes and policy lines, attributes that may
// serve, probes and closings that verify, and nothing behind the last of them.
// base/transcript.h's errors; FAILED_PRECONDITION: KEY_MISSING,
// TRANSCRIPT_OTHER_KEY, TRANSCRIPT_PROBE, those of JudgeAttributes.
absl::Status CheckCeremony(const CeremonyOptions& options);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_CEREMONY_CHECK_H_

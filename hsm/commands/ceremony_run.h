// A ceremony from its first line to its transcript's last.
#ifndef BOOTSEAL_HSM_COMMANDS_CEREMONY_RUN_H_
#define BOOTSEAL_HSM_COMMANDS_CEREMONY_RUN_H_

#include <string>

#include "absl/status/status.h"
#include "hsm/commands/ceremony_plan.h"

namespace bootseal::hsm::commands {

// Makes the planned keys, shows and checks every step, and writes the
// transcript, of a ceremony that failed too. The steps are those of
// base/transcript.h. Nothing begins when there is no room for the transcript or
// it is there already (FILE_EXISTS). FILE_UNWRITABLE when it is lost at the
// end: what was shown is whole then, and the error tells what to do.
// PERMISSION_DENIED (CEREMONY_DECLINED) when somebody does not say yes;
// otherwise the error of the step that failed, with what is left in the token
// and how it is removed.
absl::Status HoldCeremony(const CeremonyOptions& options);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_CEREMONY_RUN_H_

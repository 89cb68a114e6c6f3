// What a failed command tells: a line for people or an object for programs,
// and the exit status. Both shapes are those of the bootseal CLI.
#ifndef BOOTSEAL_HSM_COMMANDS_FAILURE_H_
#define BOOTSEAL_HSM_COMMANDS_FAILURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "hsm/commands/options.h"

namespace bootseal::hsm::commands {

// 0 done, 1 refused, 2 usage (INVALID_ARGUMENT), 5 local file (FILE_...).
int ExitStatusOf(const absl::Status& status);

// INVALID_ARGUMENT (USAGE) from what the option parser says.
absl::Status UsageError(absl::string_view what);

// "bootseal-token: REASON: message", or {"error":{...}}; with a line break.
std::string FailureText(const absl::Status& status, Form form);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_FAILURE_H_

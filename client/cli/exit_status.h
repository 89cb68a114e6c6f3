// What the process tells a script. Every error of the CLI becomes one of these,
// by the status that its maker chose or by its canonical code.
#ifndef BOOTSEAL_CLIENT_CLI_EXIT_STATUS_H_
#define BOOTSEAL_CLIENT_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

enum class ExitStatus : int {
  kDone = 0,         // or bootable
  kRefused = 1,      // or not bootable
  kUsage = 2,        // the command line, the settings
  kWaiting = 3,      // for approvals
  kUnreachable = 4,  // the server
  kLocalFile = 5,    // a file of this machine
};

// The same error, with the exit status that it leads to.
absl::Status WithExit(absl::Status status, ExitStatus exit);

// INVALID_ARGUMENT that ends with kUsage or kLocalFile.
absl::Status UsageError(absl::string_view reason, absl::string_view message);
absl::Status LocalFileError(absl::string_view reason,
                            absl::string_view message);

// As chosen with WithExit; otherwise kWaiting for APPROVALS_REQUIRED,
// kLocalFile for the reasons of base/file.h, kUnreachable for
// DEADLINE_EXCEEDED and for UNAVAILABLE without a word of the server's
// (LOG_STOPPED is one: it was reached, and refuses), kRefused for the rest.
ExitStatus ExitStatusOf(const absl::Status& status);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_EXIT_STATUS_H_

// What the process tells a script; the numbers of the whole project.
#ifndef BOOTSEAL_CLIENT_FWU_EXIT_STATUS_H_
#define BOOTSEAL_CLIENT_FWU_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace bootseal::fwu {

enum class ExitStatus : int {
  kDone = 0,
  kRefused = 1,      // or fell back
  kUsage = 2,        // the command line, the configuration
  kUnreachable = 4,  // the server of a download
  kLocalFile = 5,    // a file or the storage of this machine
};

// By the reason.
ExitStatus ExitStatusOf(const absl::Status& status);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_EXIT_STATUS_H_

// What is said beside the result, on standard error, and how a failure is told
// from a usage error.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_MESSAGE_H_
#define BOOTSEAL_CLIENT_IMGTOOL_MESSAGE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::imgtool {

// "bootseal: warning: " and the text, printable, on a line.
void Warn(absl::string_view text);

// OUT_OF_RANGE: a value that imgtool takes from its command line and then fails
// on, with a traceback and exit status 1, which is ours too (facts: mcuboot
// 2.3).
absl::Status Unfit(absl::string_view reason, absl::string_view field,
                   absl::string_view message);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_MESSAGE_H_

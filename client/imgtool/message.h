// What is said beside the result, on standard error.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_MESSAGE_H_
#define BOOTSEAL_CLIENT_IMGTOOL_MESSAGE_H_

#include "absl/strings/string_view.h"

namespace bootseal::imgtool {

// "bootseal: warning: " and the text, printable, on a line.
void Warn(absl::string_view text);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_MESSAGE_H_

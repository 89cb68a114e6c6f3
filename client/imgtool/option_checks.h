// What options of `sign` may not go together. Facts: mcuboot 2.3, 2.6.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_OPTION_CHECKS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_OPTION_CHECKS_H_

#include "absl/status/status.h"
#include "client/imgtool/options.h"

namespace bootseal::imgtool {

// INVALID_ARGUMENT naming the option; UNSIGNED when nobody would sign and
// nobody asked for that. Thread-safe; reads no file.
absl::Status CheckOptions(const SignOptions& options);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_OPTION_CHECKS_H_

// imgtool's options against a target of the policy: what the command line says
// otherwise, and what the target adds to it. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_IMGTOOL_TARGET_H_
#define BOOTSEAL_CLIENT_CLI_IMGTOOL_TARGET_H_

#include <vector>

#include "absl/status/status.h"
#include "bootseal/v1/policy.pb.h"
#include "client/imgtool/options.h"
#include "client/imgtool/server.h"

namespace bootseal::cli {

// OK when every option of the order says what the target says. INVALID_ARGUMENT
// (TARGET_CONTRADICTED) naming all that do not, and all that a server does not
// do: an option is never overlooked.
absl::Status CheckAgainstTarget(const imgtool::ServerOrder& order,
                                const v1::Profile& profile);

// The custom TLVs of the options that are not the target's own, in order.
std::vector<v1::VendorTlv> RequestTlvs(const imgtool::SignOptions& options,
                                       const v1::McubootFormat& format);

// The order's options with the target's layout of header, slot and trailer.
// `pad_header` is as it was: the input decides what its absence means.
imgtool::SignOptions WithLayout(const imgtool::ServerOrder& order,
                                const v1::Profile& profile);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_IMGTOOL_TARGET_H_

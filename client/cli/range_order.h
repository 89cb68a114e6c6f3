// From a range that another tool made to the request that has it signed: what
// the range says of itself is what is asked for, and what the policy judges.
#ifndef BOOTSEAL_CLIENT_CLI_RANGE_ORDER_H_
#define BOOTSEAL_CLIENT_CLI_RANGE_ORDER_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/acceptance.h"

namespace bootseal::cli {

// OK for a range, whosever. Ends with kLocalFile: the errors of RangeReader
// (firmware/image/host/signed_range.h). Thread-safe.
absl::Status CheckRange(absl::string_view range);

// `header` names target and request id; version, security counter, vendor TLVs,
// encryption and padding are the range's. `profile`: the target's, which tells
// its own vendor TLVs from the request's and whether payloads have header room;
// nullopt when the server does not show it: asked to sign, it says why.
// Errors: CheckRange's. Thread-safe.
absl::StatusOr<Order> MakeRangeOrder(v1::SignHeader header, std::string range,
                                     const std::optional<v1::Profile>& profile);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RANGE_ORDER_H_

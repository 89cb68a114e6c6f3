// A target's rules as C++ source, in the shape of
// firmware/boot/rules.example.cc: what a bootloader is provisioned with.
#ifndef BOOTSEAL_CLIENT_CLI_RULES_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_RULES_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::cli {

// As McubootProfile::Make; FAILED_PRECONDITION (TARGET_NOT_PROVISIONABLE) for a
// target whose images are never started, or always encrypted. One whose images
// may be encrypted gives rules that refuse those.
absl::StatusOr<std::string> FormatRulesSource(const v1::Profile& profile);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RULES_SOURCE_H_

// A target's rules as C++ source, in the shape of
// firmware/boot/rules.example.cc: what a bootloader is provisioned with.
#ifndef BOOTSEAL_CLIENT_CLI_RULES_SOURCE_H_
#define BOOTSEAL_CLIENT_CLI_RULES_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::cli {

// As McubootProfile::Make.
absl::StatusOr<std::string> FormatRulesSource(const v1::Profile& profile);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RULES_SOURCE_H_

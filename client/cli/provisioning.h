// The options that say what a factory writes: which bank boots, and what is in
// each.
#ifndef BOOTSEAL_CLIENT_CLI_PROVISIONING_H_
#define BOOTSEAL_CLIENT_CLI_PROVISIONING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "bootseal/v1/signing.pb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::cli {

struct ProvisioningOptions {
  std::optional<std::uint32_t> active;
  std::optional<std::uint32_t> previous;
  std::string states;

  bool given() const { return active || previous || !states.empty(); }
};

// --active, --previous and --state, bound to `options`, which outlives `app`.
void DeclareProvisioning(CLI::App& app, ProvisioningOptions& options);

// For a target. What is not said is as release::MetadataOrder has it; two banks
// when no state says how many.
// As release::ParseStates.
absl::StatusOr<v1::Provisioning> ToProvisioning(
    const ProvisioningOptions& options);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PROVISIONING_H_

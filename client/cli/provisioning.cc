#include "client/cli/provisioning.h"

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/release/metadata_order.h"

namespace bootseal::cli {
namespace {

using image::fwu::BankState;

v1::BankState ToProto(BankState state) {
  if (state == BankState::kAccepted) return v1::BANK_ACCEPTED;
  return state == BankState::kValid ? v1::BANK_VALID : v1::BANK_INVALID;
}

}  // namespace

void DeclareProvisioning(CLI::App& app, ProvisioningOptions& options) {
  app.add_option("--active", options.active, "bank that boots; default: 0")
      ->transform(WholeNumber32());
  app.add_option("--previous", options.previous,
                 "bank to fall back to; default: the one before")
      ->transform(WholeNumber32());
  app.add_option("--state", options.states,
                 "of each bank: accepted, valid (a trial) or invalid, with "
                 "commas")
      ->check(NotEmpty());
}

absl::StatusOr<v1::Provisioning> ToProvisioning(
    const ProvisioningOptions& options) {
  v1::Provisioning provisioning;
  const std::uint32_t active = options.active.value_or(0);
  provisioning.set_active(active);
  if (!options.states.empty()) {
    ASSIGN_OR_RETURN(const auto states, release::ParseStates(options.states));
    for (const BankState state : states) {
      provisioning.add_states(ToProto(state));
    }
  }
  const auto banks = static_cast<std::uint32_t>(provisioning.states_size());
  const std::uint32_t last = banks == 0 ? 1 : banks - 1;
  provisioning.set_previous(
      options.previous.value_or(active == 0 ? last : active - 1));
  return provisioning;
}

}  // namespace bootseal::cli

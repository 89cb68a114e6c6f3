#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/agent.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {

using image::fwu::BankState;
using image::fwu::Operation;
using image::fwu::State;

// What cannot be read vouches for nothing.
Fallback Agent::ExplainFrom(const StoredMetadata& stored) {
  const auto bad = static_cast<std::uint8_t>(stored.metadata.active);
  const auto seen = records_->FewestTrials(bad);
  return ExplainFallback(
      bad, stored.metadata.states[bad],
      {device_.domain_kept, seen.value_or(std::nullopt), device_.report});
}

std::optional<Fallback> Agent::FailedTrial(const StoredMetadata& stored) const {
  if (StateOf(stored) != State::kTrialPending) return std::nullopt;
  const std::uint32_t bank = stored.metadata.active;
  return ExplainFailedTrial(bank, stored.metadata.states[bank], device_.report);
}

// A bank that were to be tried now would never start, and one to return to
// would look like a fallback.
absl::Status Agent::CheckTrials() const {
  if (device_.boot.trials > 0) return absl::OkStatus();
  return base::Precondition(
      "RESET_PENDING",
      "the bootloader has no trial left, and gives new ones when it starts an "
      "accepted bank: reset the device first");
}

absl::StatusOr<bool> Agent::IsBelowCounter(const StoredMetadata& stored,
                                           std::uint8_t bank) {
  if (bank == stored.metadata.active ||
      stored.metadata.states[bank] != BankState::kAccepted) {
    return false;
  }
  const auto release = records_->Of(bank);
  if (!release.ok() || !release->has_value()) return false;
  return (*release)->manifest().security_counter < device_.security_counter;
}

// One transition of two operations: begun, and given up.
absl::Status Agent::Retire(StoredMetadata& stored, std::uint8_t bank) {
  const std::uint8_t running = device_.boot.bank;
  auto next =
      image::fwu::Apply(Operation::kBegin, stored.metadata, running, bank);
  if (next.ok()) {
    next = image::fwu::Apply(Operation::kCancel, *next, running, bank);
  }
  if (!next.ok()) return image::host::ToStatus(next.error());
  stored.metadata = *next;
  return StoreMetadata(device_.storage, device_.placement, stored);
}

absl::StatusOr<std::string> Agent::RetireBanks(StoredMetadata& stored) {
  std::string words;
  for (std::uint8_t bank = 0; bank < device_.geometry.banks; ++bank) {
    ASSIGN_OR_RETURN(const bool below, IsBelowCounter(stored, bank));
    if (!below) continue;
    RETURN_IF_ERROR(Retire(stored, bank));
    absl::StrAppend(&words, "; bank ", int{bank},
                    " is below the device's counter, and invalid from now on");
  }
  return words;
}

absl::StatusOr<Outcome> Agent::Check() {
  ASSIGN_OR_RETURN(StoredMetadata stored, Settle());
  const State state = StateOf(stored);
  if (state == State::kTrial) {
    RETURN_IF_ERROR(
        records_->NoteTrial(device_.boot.bank, device_.boot.trials));
  }
  if (auto failed = FailedTrial(stored)) {
    const int left = device_.boot.trials;
    Outcome outcome = Result(
        stored,
        absl::StrCat("bank ", stored.metadata.active,
                     " is on trial, and did not start: ", failed->words, "; ",
                     left, left == 1 ? " trial is left" : " trials are left",
                     ": reset the device to try again, or reject"));
    outcome.fallback = std::move(failed);
    return outcome;
  }
  std::string retired;
  if (state == State::kRegular) {
    ASSIGN_OR_RETURN(retired, RetireBanks(stored));
  }
  if (state != State::kFallenBack) {
    return Result(stored, absl::StrCat("bank ", int{device_.boot.bank},
                                       " runs, as expected", retired));
  }
  const std::uint32_t bad = stored.metadata.active;
  Fallback fallback = ExplainFrom(stored);
  RETURN_IF_ERROR(Step(stored, Operation::kReconcile, 0));
  Outcome outcome = Result(
      stored, absl::StrCat("fell back from bank ", bad, " to bank ",
                           int{device_.boot.bank}, ": ", fallback.words));
  outcome.fallback = std::move(fallback);
  return outcome;
}

}  // namespace bootseal::fwu

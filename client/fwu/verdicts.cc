#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/agent.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

using image::fwu::Operation;
using image::fwu::State;

absl::Status Denied(State state, const StoredMetadata& stored,
                    std::uint8_t running) {
  switch (state) {
    case State::kTrialPending:
      return base::Precondition(
          "RESET_PENDING",
          absl::StrCat("bank ", stored.metadata.active,
                       " waits for its trial: reset the device first"));
    case State::kReturnPending:
      return base::Precondition(
          "RESET_PENDING",
          absl::StrCat("the device returns to bank ", stored.metadata.active,
                       " with the next reset"));
    case State::kFallenBack:
      return base::Precondition(
          "FELL_BACK", absl::StrCat("bank ", int{running}, " runs, and bank ",
                                    stored.metadata.active,
                                    " was expected: run `bootseal-fwu check`"));
    case State::kTrial:
      return base::Precondition("UPDATE_STATE",
                                "a release is on trial: accept or reject it");
    case State::kRegular:
    case State::kStaging:
      return base::Precondition("UPDATE_STATE", "no release is on trial");
  }
  return base::Internal("a state that is none");
}

absl::Status BelowCounter(std::uint8_t bank, std::uint32_t counter,
                          std::uint32_t floor) {
  return base::Precondition(
      "BANK_DOWNGRADE",
      absl::StrCat("bank ", int{bank}, " has security counter ", counter,
                   ", at least ", floor, " is demanded: it would not start"));
}

}  // namespace

absl::StatusOr<Outcome> Agent::Accept() {
  ASSIGN_OR_RETURN(StoredMetadata stored, Settle());
  const State state = StateOf(stored);
  if (state == State::kRegular || state == State::kStaging) {
    return Result(stored, absl::StrCat("bank ", stored.metadata.active,
                                       " is accepted already"));
  }
  if (state != State::kTrial) {
    return Denied(state, stored, device_.boot.bank);
  }
  RETURN_IF_ERROR(Step(stored, Operation::kAccept, device_.boot.bank));
  return Result(stored, absl::StrCat("accepted bank ", stored.metadata.active));
}

absl::StatusOr<Outcome> Agent::Reject() {
  ASSIGN_OR_RETURN(StoredMetadata stored, Settle());
  const State state = StateOf(stored);
  const std::uint32_t rejected = stored.metadata.active;
  if (state == State::kReturnPending) {
    return Result(stored, absl::StrCat("the device returns to bank ", rejected,
                                       " with the next reset already"));
  }
  if (state != State::kTrial && state != State::kTrialPending) {
    return Denied(state, stored, device_.boot.bank);
  }
  const auto next = image::fwu::Apply(Operation::kReject, stored.metadata,
                                      device_.boot.bank, 0);
  if (!next.ok()) return image::host::ToStatus(next.error());
  const auto target = static_cast<std::uint8_t>(next->active);
  const auto release = records_->Of(target);
  if (release.ok() && release->has_value() &&
      (*release)->manifest().security_counter < device_.security_counter) {
    return BelowCounter(target, (*release)->manifest().security_counter,
                        device_.security_counter);
  }
  RETURN_IF_ERROR(Step(stored, Operation::kReject, 0));
  return Result(stored, absl::StrCat("rejected bank ", rejected, ", back to ",
                                     stored.metadata.active));
}

absl::Status Agent::CheckReturn(const StoredMetadata& stored,
                                std::uint8_t bank) {
  ASSIGN_OR_RETURN(const auto release, records_->Of(bank));
  if (!release) {
    return base::Precondition(
        "BANK_RELEASE_UNKNOWN",
        absl::StrCat("nothing says which release bank ", int{bank},
                     " holds; install the release instead"));
  }
  ASSIGN_OR_RETURN(const std::uint32_t running, CounterOf(device_.boot.bank));
  const std::uint32_t floor = std::max(running, device_.security_counter);
  if (release->manifest().security_counter < floor) {
    return BelowCounter(bank, release->manifest().security_counter, floor);
  }
  ASSIGN_OR_RETURN(const bool holds,
                   BankHolds(stored, bank, release->manifest()));
  if (holds) return absl::OkStatus();
  return base::Precondition("BANK_CONTENT",
                            absl::StrCat("bank ", int{bank},
                                         " does not hold the release that was "
                                         "written there; install it again"));
}

absl::StatusOr<Outcome> Agent::Rollback(std::optional<std::uint8_t> bank) {
  ASSIGN_OR_RETURN(StoredMetadata stored, Settle());
  const State state = StateOf(stored);
  if (bank && *bank >= device_.geometry.banks) {
    return base::Precondition("NO_BANK",
                              absl::StrCat("there is no bank ", int{*bank}));
  }
  const bool there = !bank || *bank == stored.metadata.active;
  if (state == State::kReturnPending && there) {
    return Result(stored, absl::StrCat("the device returns to bank ",
                                       stored.metadata.active, " already"));
  }
  if (bank && state == State::kRegular && there) {
    return Result(stored, absl::StrCat("bank ", int{*bank}, " runs already"));
  }
  if (state != State::kRegular) {
    return Denied(state, stored, device_.boot.bank);
  }
  const std::uint8_t target =
      bank.value_or(static_cast<std::uint8_t>(stored.metadata.previous));
  if (target == stored.metadata.active ||
      stored.metadata.states[target] != image::fwu::BankState::kAccepted) {
    return base::Precondition(
        "NO_BANK", absl::StrCat("bank ", int{target},
                                " is no accepted bank beside the active one"));
  }
  RETURN_IF_ERROR(CheckTrials());
  RETURN_IF_ERROR(CheckReturn(stored, target));
  RETURN_IF_ERROR(Step(stored, Operation::kRollback, target));
  return Result(stored, absl::StrCat("back to bank ", int{target},
                                     " with the next reset"));
}

}  // namespace bootseal::fwu

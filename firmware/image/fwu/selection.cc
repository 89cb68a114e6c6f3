#include "firmware/image/fwu/selection.h"

namespace bootseal::image::fwu {
namespace {

struct Candidates {
  const Metadata& metadata;
  std::uint8_t failed;

  bool Failed(std::uint32_t bank) const {
    return bank < kMaxBanks && (failed >> bank & 1) != 0;
  }
  BankState StateOf(std::uint32_t bank) const {
    const bool exists = bank < metadata.geometry.banks && bank < kMaxBanks;
    return exists ? metadata.states[bank] : BankState::kInvalid;
  }
  bool Falls(std::uint32_t bank, BankState state) const {
    return bank != metadata.active && !Failed(bank) && StateOf(bank) == state;
  }
};

Result<std::uint8_t> Fallback(const Candidates& candidates) {
  for (const BankState state : {BankState::kAccepted, BankState::kValid}) {
    const std::uint32_t previous = candidates.metadata.previous;
    if (candidates.Falls(previous, state)) {
      return static_cast<std::uint8_t>(previous);
    }
    for (std::uint8_t bank = 0; bank < kMaxBanks; ++bank) {
      if (candidates.Falls(bank, state)) return bank;
    }
  }
  return Error::kNoBank;
}

Result<Selection> FallBack(const Candidates& candidates, BootReason reason,
                           const BootRegister& last, std::uint8_t trials) {
  const Result<std::uint8_t> bank = Fallback(candidates);
  if (!bank.ok()) return bank.error();
  return Selection{*bank, reason, {*bank, trials, last.intact}};
}

Selection Active(const Metadata& metadata, BootReason reason,
                 std::uint8_t trials) {
  const std::uint8_t bank = static_cast<std::uint8_t>(metadata.active);
  return Selection{bank, reason, {bank, trials, true}};
}

// Of an active bank that is valid. What fails has used its trial like what
// starts: a card that fails once is no reason to give a release up.
Result<Selection> SelectTrial(const Candidates& candidates,
                              const BootRegister& last) {
  if (!last.intact) {
    return FallBack(candidates, BootReason::kTrialLost, last, 0);
  }
  if (last.trials == 0) {
    return FallBack(candidates, BootReason::kTrialsSpent, last, 0);
  }
  const std::uint8_t trials =
      last.trials < kMaxTrials ? last.trials : kMaxTrials;
  const std::uint8_t left = static_cast<std::uint8_t>(trials - 1);
  if (candidates.Failed(candidates.metadata.active)) {
    return FallBack(candidates, BootReason::kFailed, last, left);
  }
  return Active(candidates.metadata, BootReason::kTrial, left);
}

}  // namespace

Result<Selection> SelectBank(const Metadata& metadata, BootRegister last,
                             std::uint8_t failed) {
  const Candidates candidates{metadata, failed};
  const BankState active = candidates.StateOf(metadata.active);
  if (active == BankState::kValid) return SelectTrial(candidates, last);
  if (active != BankState::kAccepted) {
    return FallBack(candidates, BootReason::kInvalid, last, 0);
  }
  if (candidates.Failed(metadata.active)) {
    return FallBack(candidates, BootReason::kFailed, last, 0);
  }
  return Active(metadata, BootReason::kAccepted, kMaxTrials);
}

}  // namespace bootseal::image::fwu

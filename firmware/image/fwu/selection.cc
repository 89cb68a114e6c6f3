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
    if (!exists || Failed(bank)) return BankState::kInvalid;
    return metadata.states[bank];
  }
  bool Falls(std::uint32_t bank, BankState state) const {
    return bank != metadata.active && StateOf(bank) == state;
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
                           bool intact) {
  const Result<std::uint8_t> bank = Fallback(candidates);
  if (!bank.ok()) return bank.error();
  return Selection{*bank, reason, {*bank, 0, intact}};
}

Selection Active(const Metadata& metadata, BootReason reason,
                 std::uint8_t trials) {
  const std::uint8_t bank = static_cast<std::uint8_t>(metadata.active);
  return Selection{bank, reason, {bank, trials, true}};
}

}  // namespace

Result<Selection> SelectBank(const Metadata& metadata, BootRegister last,
                             std::uint8_t failed) {
  const Candidates candidates{metadata, failed};
  const BankState active = candidates.StateOf(metadata.active);
  if (active == BankState::kAccepted) {
    return Active(metadata, BootReason::kAccepted, kMaxTrials);
  }
  if (active != BankState::kValid) {
    return FallBack(candidates,
                    candidates.Failed(metadata.active) ? BootReason::kFailed
                                                       : BootReason::kInvalid,
                    last.intact);
  }
  if (!last.intact) {
    return FallBack(candidates, BootReason::kTrialLost, false);
  }
  if (last.trials == 0) {
    return FallBack(candidates, BootReason::kTrialsSpent, true);
  }
  const std::uint8_t trials =
      last.trials < kMaxTrials ? last.trials : kMaxTrials;
  return Active(metadata, BootReason::kTrial,
                static_cast<std::uint8_t>(trials - 1));
}

}  // namespace bootseal::image::fwu

#include "firmware/image/fwu/update.h"

#include <optional>

namespace bootseal::image::fwu {
namespace {

BankState BankStateOf(const Metadata& metadata, std::uint32_t bank) {
  const bool exists = bank < metadata.geometry.banks && bank < kMaxBanks;
  return exists ? metadata.states[bank] : BankState::kInvalid;
}

bool Accepted(const Metadata& metadata, std::uint32_t bank) {
  return BankStateOf(metadata, bank) == BankState::kAccepted;
}

// Begun, as far as a version can say it.
bool Staged(const Metadata& metadata, std::uint32_t bank) {
  if (metadata.version == 2) {
    return BankStateOf(metadata, bank) == BankState::kInvalid;
  }
  return !Accepted(metadata, bank);
}

bool AnyStaged(const Metadata& metadata) {
  for (std::uint32_t bank = 0; bank < metadata.geometry.banks; ++bank) {
    if (bank != metadata.active && Staged(metadata, bank)) return true;
  }
  return false;
}

void Set(Metadata& metadata, std::uint32_t bank, BankState state) {
  const bool accepted = state == BankState::kAccepted;
  for (Image& image :
       std::span(metadata.images).first(metadata.geometry.images)) {
    image.banks[bank].accepted = accepted;
  }
  // Version 1 has no word for it: what is read back is never invalid.
  metadata.states[bank] =
      metadata.version == 2 || accepted ? state : BankState::kValid;
}

// The lowest accepted bank that is not the active one.
std::optional<std::uint32_t> OtherAccepted(const Metadata& metadata) {
  for (std::uint32_t bank = 0; bank < metadata.geometry.banks; ++bank) {
    if (bank != metadata.active && Accepted(metadata, bank)) return bank;
  }
  return std::nullopt;
}

// Of an accepted active bank: another accepted one whenever there is one, else
// not the active one itself, or it would look like staging.
void SettlePrevious(Metadata& metadata) {
  if (metadata.previous != metadata.active &&
      Accepted(metadata, metadata.previous)) {
    return;
  }
  const bool alone = metadata.geometry.banks == 1;
  const std::uint32_t otherwise = alone || metadata.active != 0 ? 0 : 1;
  metadata.previous = OtherAccepted(metadata).value_or(otherwise);
}

Result<Metadata> Begin(Metadata metadata, std::uint8_t, std::uint8_t bank) {
  metadata.previous = metadata.active;
  Set(metadata, bank, BankState::kInvalid);
  return metadata;
}

Result<Metadata> Cancel(Metadata metadata, std::uint8_t, std::uint8_t bank) {
  if (!Staged(metadata, bank)) return Error::kUpdateState;
  SettlePrevious(metadata);
  return metadata;
}

Result<Metadata> End(Metadata metadata, std::uint8_t, std::uint8_t bank) {
  if (!Staged(metadata, bank)) return Error::kUpdateState;
  metadata.previous = metadata.active;
  metadata.active = bank;
  Set(metadata, bank, BankState::kValid);
  return metadata;
}

Result<Metadata> Accept(Metadata metadata, std::uint8_t running, std::uint8_t) {
  if (BankStateOf(metadata, running) == BankState::kInvalid) {
    return Error::kNoBank;
  }
  Set(metadata, running, BankState::kAccepted);
  SettlePrevious(metadata);
  return metadata;
}

// `bank` is the active one, what was is invalid.
Metadata Return(Metadata metadata, std::uint32_t bank) {
  const std::uint32_t bad = metadata.active;
  metadata.previous = bad;
  metadata.active = bank;
  Set(metadata, bad, BankState::kInvalid);
  SettlePrevious(metadata);
  return metadata;
}

Result<Metadata> Reject(Metadata metadata, std::uint8_t running, std::uint8_t) {
  for (const std::uint32_t bank : {std::uint32_t{running}, metadata.previous}) {
    if (bank != metadata.active && Accepted(metadata, bank)) {
      return Return(metadata, bank);
    }
  }
  const std::optional<std::uint32_t> bank = OtherAccepted(metadata);
  if (!bank.has_value()) return Error::kNoBank;
  return Return(metadata, *bank);
}

Result<Metadata> Rollback(Metadata metadata, std::uint8_t, std::uint8_t bank) {
  if (!Accepted(metadata, bank)) return Error::kNoBank;
  metadata.previous = metadata.active;
  metadata.active = bank;
  return metadata;
}

Result<Metadata> Reconcile(Metadata metadata, std::uint8_t running,
                           std::uint8_t) {
  if (BankStateOf(metadata, running) == BankState::kInvalid) {
    return Error::kNoBank;
  }
  // On trial it would have no trials left, and nothing to fall back to.
  Set(metadata, running, BankState::kAccepted);
  return Return(metadata, running);
}

struct Transition {
  State from;
  Operation operation;
  Result<Metadata> (*effect)(Metadata metadata, std::uint8_t running,
                             std::uint8_t bank);
};

constexpr Transition kTransitions[] = {
    {State::kRegular, Operation::kBegin, Begin},
    {State::kRegular, Operation::kRollback, Rollback},
    // A second begin gives the first one up.
    {State::kStaging, Operation::kBegin, Begin},
    {State::kStaging, Operation::kCancel, Cancel},
    {State::kStaging, Operation::kEnd, End},
    {State::kTrialPending, Operation::kReject, Reject},
    // What has fallen back looks like it.
    {State::kTrialPending, Operation::kReconcile, Reconcile},
    {State::kTrial, Operation::kAccept, Accept},
    {State::kTrial, Operation::kReject, Reject},
    {State::kFallenBack, Operation::kReconcile, Reconcile},
    // Version 1 alone: the running bank of version 2 is invalid here.
    {State::kReturnPending, Operation::kReconcile, Reconcile},
};

constexpr Operation kOfABank[] = {Operation::kBegin, Operation::kCancel,
                                  Operation::kEnd, Operation::kRollback};

bool TakesBank(Operation operation) {
  for (const Operation each : kOfABank) {
    if (each == operation) return true;
  }
  return false;
}

bool Exists(const Metadata& metadata, std::uint32_t bank) {
  return bank < metadata.geometry.banks;
}

bool Sound(const Metadata& metadata, std::uint8_t running) {
  return metadata.geometry.banks <= kMaxBanks &&
         metadata.geometry.images <= kMaxImages &&
         Exists(metadata, metadata.active) &&
         Exists(metadata, metadata.previous) && Exists(metadata, running);
}

}  // namespace

State StateOf(const Metadata& metadata, std::uint8_t running) {
  const BankState active = BankStateOf(metadata, metadata.active);
  if (running == metadata.active) {
    if (active != BankState::kAccepted) return State::kTrial;
    const bool staging =
        metadata.previous == metadata.active && AnyStaged(metadata);
    return staging ? State::kStaging : State::kRegular;
  }
  if (active == BankState::kAccepted && Staged(metadata, running)) {
    return State::kReturnPending;
  }
  if (active == BankState::kValid && Accepted(metadata, running)) {
    return State::kTrialPending;
  }
  return State::kFallenBack;
}

State StateOf(const Metadata& metadata, const BootRegister& running) {
  const State state = StateOf(metadata, running.bank);
  const bool fallen = !running.intact || running.trials == 0;
  if (state == State::kTrialPending && fallen) return State::kFallenBack;
  if (state == State::kFallenBack && !fallen &&
      Accepted(metadata, metadata.active)) {
    return State::kReturnPending;
  }
  return state;
}

Result<std::uint8_t> UpdateBank(const Metadata& metadata,
                                std::uint8_t running) {
  std::optional<std::uint8_t> lowest;
  for (std::uint8_t bank = 0; Exists(metadata, bank); ++bank) {
    if (bank == running || bank == metadata.active) continue;
    if (!Accepted(metadata, bank)) return bank;
    if (!lowest.has_value()) lowest = bank;
  }
  if (!lowest.has_value()) return Error::kNoBank;
  return *lowest;
}

Result<Metadata> Apply(Operation operation, const Metadata& metadata,
                       std::uint8_t running, std::uint8_t bank) {
  if (!Sound(metadata, running)) return Error::kMetadataIndex;
  const State state = StateOf(metadata, running);
  for (const Transition& transition : kTransitions) {
    if (transition.from != state || transition.operation != operation) continue;
    const bool other = bank != running && bank != metadata.active;
    if (TakesBank(operation) && (!other || !Exists(metadata, bank))) {
      return Error::kMetadataIndex;
    }
    return transition.effect(metadata, running, bank);
  }
  return Error::kUpdateState;
}

}  // namespace bootseal::image::fwu

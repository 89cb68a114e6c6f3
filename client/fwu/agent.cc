#include "client/fwu/agent.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {

using image::fwu::Operation;
using image::fwu::State;

Agent::Agent(Device device, ReleaseRecords& records)
    : device_(std::move(device)), records_(&records) {}

absl::StatusOr<Agent> Agent::Open(Device device, ReleaseRecords& records) {
  if (device.boot.bank < device.geometry.banks) {
    return Agent(std::move(device), records);
  }
  return base::Precondition(
      "BOOT_BANK_UNKNOWN",
      absl::StrCat("the boot register names bank ", int{device.boot.bank},
                   ", the device has ", int{device.geometry.banks}));
}

State Agent::StateOf(const StoredMetadata& stored) const {
  return image::fwu::StateOf(stored.metadata, device_.boot);
}

absl::StatusOr<StoredMetadata> Agent::Load() {
  return LoadMetadata(device_.storage, device_.placement, device_.geometry);
}

absl::StatusOr<StoredMetadata> Agent::Settle() {
  ASSIGN_OR_RETURN(StoredMetadata stored, Load());
  if (stored.other == image::Error::kOk) return stored;
  RETURN_IF_ERROR(RepairReplica(device_.storage, device_.placement, stored));
  stored.other = image::Error::kOk;
  return stored;
}

absl::Status Agent::Step(StoredMetadata& stored, Operation operation,
                         std::uint8_t bank) {
  const auto next =
      image::fwu::Apply(operation, stored.metadata, device_.boot.bank, bank);
  if (!next.ok()) return image::host::ToStatus(next.error());
  stored.metadata = *next;
  return StoreMetadata(device_.storage, device_.placement, stored);
}

Outcome Agent::Result(const StoredMetadata& stored, std::string words) const {
  const auto active = static_cast<std::uint8_t>(stored.metadata.active);
  return {std::move(words), StateOf(stored), active,
          active != device_.boot.bank, std::nullopt};
}

absl::StatusOr<bool> Agent::BankHolds(
    const StoredMetadata& stored, std::uint32_t bank,
    const image::host::ReleaseManifest& manifest) {
  ASSIGN_OR_RETURN(const std::vector<Range> ranges,
                   RangesOfBank(device_.placement, stored.metadata,
                                static_cast<std::uint8_t>(bank)));
  return Holds(device_.storage, ranges, manifest);
}

absl::StatusOr<std::uint32_t> Agent::CounterOf(std::uint8_t bank) {
  ASSIGN_OR_RETURN(const auto release, records_->Of(bank));
  return release ? release->manifest().security_counter : 0;
}

// A record that does not verify is as good as none.
absl::StatusOr<BankCondition> Agent::ExamineBank(const StoredMetadata& stored,
                                                 std::uint8_t bank) {
  BankCondition condition;
  condition.state = stored.metadata.states[bank];
  const auto release = records_->Of(bank);
  if (!release.ok() || !release->has_value()) return condition;
  condition.release = (*release)->manifest();
  ASSIGN_OR_RETURN(const bool holds,
                   BankHolds(stored, bank, *condition.release));
  condition.content = holds ? Content::kVerified : Content::kDamaged;
  return condition;
}

absl::StatusOr<Condition> Agent::Examine() {
  Condition condition;
  ASSIGN_OR_RETURN(condition.stored, Load());
  condition.state = StateOf(condition.stored);
  for (std::uint8_t bank = 0; bank < device_.geometry.banks; ++bank) {
    ASSIGN_OR_RETURN(BankCondition found, ExamineBank(condition.stored, bank));
    condition.banks.push_back(std::move(found));
  }
  if (condition.state == State::kFallenBack) {
    condition.fallback = ExplainFrom(condition.stored);
  } else {
    condition.fallback = FailedTrial(condition.stored);
  }
  return condition;
}

absl::StatusOr<Outcome> Agent::Repair() {
  ASSIGN_OR_RETURN(const StoredMetadata before, Load());
  ASSIGN_OR_RETURN(const StoredMetadata after, Settle());
  return Result(after, before.other == image::Error::kOk
                           ? "both copies of the metadata are good"
                           : absl::StrCat("repaired a copy of the metadata: ",
                                          image::Text(before.other)));
}

}  // namespace bootseal::fwu

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/agent.h"

namespace bootseal::fwu {

using image::fwu::Operation;
using image::fwu::State;

// What cannot be read vouches for nothing.
Fallback Agent::ExplainFrom(const StoredMetadata& stored) {
  const auto bad = static_cast<std::uint8_t>(stored.metadata.active);
  const auto seen = records_->FewestTrials(bad);
  return ExplainFallback(stored.metadata.states[bad],
                         {device_.domain_kept, seen.value_or(std::nullopt)});
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

absl::StatusOr<Outcome> Agent::Check() {
  ASSIGN_OR_RETURN(StoredMetadata stored, Settle());
  const State state = StateOf(stored);
  if (state == State::kTrial) {
    RETURN_IF_ERROR(
        records_->NoteTrial(device_.boot.bank, device_.boot.trials));
  }
  if (state != State::kFallenBack) {
    return Result(stored, absl::StrCat("bank ", int{device_.boot.bank},
                                       " runs, as expected"));
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

#include "client/fwu/fallback.h"

#include "absl/strings/str_cat.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;

Fallback Spent() {
  return {FallbackReason::kTrialsSpent, true,
          "its trials are spent, and nobody accepted it"};
}

Fallback NeverSeen(std::optional<bool> domain_kept) {
  if (domain_kept.has_value()) {
    return {FallbackReason::kTrialSkipped, true,
            "the backup domain was lost, and no trial was run: install it "
            "again, and reset without a power cut"};
  }
  return {FallbackReason::kTrialSkipped, false,
          "no trial was seen to run: the backup domain was lost, or each trial "
          "failed before `bootseal-fwu check`"};
}

Fallback SeenBefore(std::optional<bool> domain_kept, int left) {
  if (domain_kept.has_value()) {
    return {FallbackReason::kTrialCutShort, true,
            absl::StrCat("the backup domain was lost during its trial, with ",
                         left, " trials left")};
  }
  return {FallbackReason::kTrialCutShort, false,
          absl::StrCat("it ran on trial, and with ", left,
                       " trials left either the backup domain was lost, or "
                       "they failed before `bootseal-fwu check`")};
}

}  // namespace

const char* NameOf(FallbackReason reason) {
  switch (reason) {
    case FallbackReason::kIncomplete:
      return "incomplete";
    case FallbackReason::kNotStarted:
      return "not-started";
    case FallbackReason::kTrialsSpent:
      return "trials-spent";
    case FallbackReason::kTrialSkipped:
      return "trial-skipped";
    case FallbackReason::kTrialCutShort:
      return "trial-cut-short";
  }
  return "unknown";
}

Fallback ExplainFallback(BankState active, const FallbackEvidence& evidence) {
  if (active == BankState::kInvalid) {
    return {FallbackReason::kIncomplete, true, "it is not complete"};
  }
  if (active == BankState::kAccepted) {
    return {FallbackReason::kNotStarted, true, "it did not authenticate"};
  }
  if (evidence.domain_kept.value_or(false)) return Spent();
  if (!evidence.trials_seen) return NeverSeen(evidence.domain_kept);
  if (*evidence.trials_seen == 0) return Spent();
  return SeenBefore(evidence.domain_kept, *evidence.trials_seen);
}

}  // namespace bootseal::fwu

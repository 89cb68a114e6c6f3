#include "client/fwu/fallback.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::BootReason;

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

Fallback NotStarted(const BootReport& report, std::uint32_t bank) {
  std::string words = absl::StrCat(report.error == image::Error::kStorage
                                       ? "it could not be read: "
                                       : "it did not authenticate: ",
                                   WordsOf(report.error));
  if (report.failed != 1u << bank) {
    absl::StrAppend(
        &words, ", which is of the last bank that did not start of several");
  }
  return {FallbackReason::kNotStarted, true, std::move(words)};
}

std::optional<Fallback> Reported(std::uint32_t bank, BankState state,
                                 const FallbackEvidence& evidence) {
  if (!evidence.report) return std::nullopt;
  const bool trial = state == BankState::kValid;
  switch (evidence.report->reason) {
    case BootReason::kTrialsSpent:
      if (trial) return Spent();
      break;
    case BootReason::kTrialLost:
      if (!trial) break;
      return evidence.trials_seen ? SeenBefore(false, *evidence.trials_seen)
                                  : NeverSeen(false);
    case BootReason::kFailed:
      if (state == BankState::kInvalid || !evidence.report->Failed(bank)) break;
      return NotStarted(*evidence.report, bank);
    // An invalid bank needs no report; the others are no fallback.
    case BootReason::kInvalid:
    case BootReason::kAccepted:
    case BootReason::kTrial:
      break;
  }
  return std::nullopt;
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

Fallback ExplainFallback(std::uint32_t bank, BankState state,
                         const FallbackEvidence& evidence) {
  std::optional<Fallback> reported = Reported(bank, state, evidence);
  if (reported) return *std::move(reported);
  if (state == BankState::kInvalid) {
    return {FallbackReason::kIncomplete, true, "it is not complete"};
  }
  if (state == BankState::kAccepted) {
    return {FallbackReason::kNotStarted, true, "it did not authenticate"};
  }
  if (evidence.domain_kept.value_or(false)) return Spent();
  if (!evidence.trials_seen) return NeverSeen(evidence.domain_kept);
  if (*evidence.trials_seen == 0) return Spent();
  return SeenBefore(evidence.domain_kept, *evidence.trials_seen);
}

std::optional<Fallback> ExplainFailedTrial(
    std::uint32_t bank, BankState state,
    const std::optional<BootReport>& report) {
  const bool failed = report && report->reason == BootReason::kFailed;
  if (state != BankState::kValid || !failed || !report->Failed(bank)) {
    return std::nullopt;
  }
  return NotStarted(*report, bank);
}

}  // namespace bootseal::fwu

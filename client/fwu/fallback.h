// Why a device runs another bank than the active one, as far as its Linux can
// know. A report of
// our bootloader says it. Without one, spent trials and a lost backup domain
// leave the same register: no trials, and the bank that was started (facts:
// fwu 2.3). Two things tell them apart: a word that `install` leaves in the
// backup domain, which is gone with it, and the trials that `check` saw run.
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_FWU_FALLBACK_H_
#define BOOTSEAL_CLIENT_FWU_FALLBACK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "client/fwu/boot_report.h"
#include "firmware/image/fwu/metadata.h"

namespace bootseal::fwu {

enum class FallbackReason {
  kIncomplete,     // the active bank is invalid: nothing started it
  kNotStarted,     // it was tried, and did not authenticate
  kTrialsSpent,    // every trial was used, and none accepted
  kTrialSkipped,   // the backup domain was lost before the first trial
  kTrialCutShort,  // it was lost, or the last trials failed early, after one
                   // ran
};

// "incomplete", "not-started", "trials-spent", "trial-skipped",
// "trial-cut-short".
const char* NameOf(FallbackReason reason);

struct FallbackEvidence {
  // The word of the backup domain is there; nullopt: there is no such word.
  std::optional<bool> domain_kept;
  // The fewest trials that were left while the bank ran; nullopt: not seen.
  std::optional<std::uint8_t> trials_seen;
  // What the bootloader says; nullopt: it says nothing. One that does not fit
  // the active bank is not believed.
  std::optional<BootReport> report = std::nullopt;
};

struct Fallback {
  FallbackReason reason = FallbackReason::kIncomplete;
  bool certain = true;  // false: the likelier of two, which `words` names
  std::string words;
};

// Of a device that fell back from an active bank in this state.
Fallback ExplainFallback(std::uint32_t bank, image::fwu::BankState state,
                         const FallbackEvidence& evidence);

// Of a bank on trial that this boot tried in vain while trials are left, so
// that the next one tries it again; nullopt when the report does not say so.
std::optional<Fallback> ExplainFailedTrial(
    std::uint32_t bank, image::fwu::BankState state,
    const std::optional<BootReport>& report);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_FALLBACK_H_

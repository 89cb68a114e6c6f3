#include "hsm/ceremony_probe.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

RsaPadding PaddingOf(const base::Transcript& transcript,
                     absl::string_view label) {
  for (const base::TranscriptKey& key : transcript.keys) {
    if (key.label == label && key.padding == "pkcs1") return RsaPadding::kPkcs1;
  }
  return RsaPadding::kPss;
}

}  // namespace

std::string CeremonyProbe(Algorithm algorithm, absl::string_view lines) {
  return KeyHash(
      algorithm,
      absl::StrCat("bootseal key ceremony probe, not firmware\n", lines));
}

absl::Status CheckProbe(absl::string_view text,
                        const base::Transcript& transcript,
                        absl::string_view label, const PublicKey& key) {
  for (const base::TranscriptStep& step : transcript.steps) {
    if (step.name != "probe" || step.Detail("key") != label) continue;
    const std::string probe =
        CeremonyProbe(key.algorithm(), text.substr(0, step.offset));
    const std::string signature =
        absl::HexStringToBytes(step.Detail("signature"));
    if (key.Verifies(probe, signature, PaddingOf(transcript, label))) {
      return absl::OkStatus();
    }
    return base::Precondition(
        "TRANSCRIPT_PROBE",
        absl::StrCat("the signature in the transcript is not key \"", label,
                     "\"'s over the lines before it; the text was changed, or "
                     "is another key's"));
  }
  return base::Precondition(
      "TRANSCRIPT_INCOMPLETE",
      absl::StrCat("the transcript has no probe of key \"", label, "\""));
}

}  // namespace bootseal::hsm

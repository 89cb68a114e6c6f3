#include "hsm/ceremony_probe.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

// "2026-11-27T20:20:51Z", and "sha256 HEX" with its line feed.
constexpr std::size_t kTimeBytes = 20;
constexpr std::size_t kSealBytes = 7 + 64 + 1;

RsaPadding PaddingOf(const base::Transcript& transcript,
                     absl::string_view label) {
  for (const base::TranscriptKey& key : transcript.keys) {
    if (key.label == label && key.padding == "pkcs1") return RsaPadding::kPkcs1;
  }
  return RsaPadding::kPss;
}

absl::Status CheckSignature(absl::string_view text,
                            const base::Transcript& transcript,
                            absl::string_view name, absl::string_view label,
                            const PublicKey& key) {
  for (const base::TranscriptStep& step : transcript.steps) {
    if (step.name != name || step.Detail("key") != label) continue;
    const std::string probe =
        CeremonyProbe(key.algorithm(), text.substr(0, step.offset));
    const std::string signature =
        absl::HexStringToBytes(step.Detail("signature"));
    if (key.Verifies(probe, signature, PaddingOf(transcript, label))) {
      return absl::OkStatus();
    }
    return base::Precondition(
        "TRANSCRIPT_PROBE",
        absl::StrCat("the ", name, " in the transcript is not signed by key \"",
                     label,
                     "\" over the lines before it; the text was changed, or "
                     "is another key's"));
  }
  return base::Precondition(
      "TRANSCRIPT_INCOMPLETE",
      absl::StrCat("the transcript has no ", name, " of key \"", label, "\""));
}

}  // namespace

std::string CeremonyProbe(Algorithm algorithm, absl::string_view lines) {
  return KeyHash(
      algorithm,
      absl::StrCat("bootseal key ceremony probe, not firmware\n", lines));
}

absl::Status CheckProbes(absl::string_view text,
                         const base::Transcript& transcript,
                         absl::string_view label, const PublicKey& key) {
  RETURN_IF_ERROR(CheckSignature(text, transcript, "probe", label, key));
  return CheckSignature(text, transcript, "closing", label, key);
}

absl::Status CheckEnd(absl::string_view text,
                      const base::Transcript& transcript) {
  const base::TranscriptStep& last = transcript.steps.back();
  const std::string end = absl::StrCat(
      "step closing ", last.time, " passed\n  key ", last.Detail("key"),
      "\n  signature ", last.Detail("signature"), "\nresult done ");
  absl::string_view tail = text.substr(last.offset);
  if (last.time.size() == kTimeBytes && absl::ConsumePrefix(&tail, end) &&
      tail.size() == kTimeBytes + 1 + kSealBytes && tail[kTimeBytes] == '\n') {
    return absl::OkStatus();
  }
  return base::Precondition(
      "TRANSCRIPT_PROBE",
      "the transcript has lines behind its last signature, expected its result "
      "and its hash alone; the text was changed");
}

}  // namespace bootseal::hsm

#include "client/review/key_checks.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/key_transcript.h"

namespace bootseal::review {
namespace {

absl::Status CheckServing(const trust::Policy& policy,
                          const trust::KeyHistory& history,
                          const v1::SigningEvent& event) {
  for (const v1::SignedDigest& digest : event.digests()) {
    const v1::PinnedKey* const key = policy.FindKey(digest.key());
    if (key == nullptr) continue;  // KEY_NOT_PINNED tells
    RETURN_IF_ERROR(trust::CheckServes(policy, history, *key));
  }
  return absl::OkStatus();
}

absl::Status CheckPinned(const trust::Policy& policy,
                         const v1::KeyChange& change) {
  const v1::PinnedKey* const key = policy.FindKey(change.key());
  if (key != nullptr && absl::HexStringToBytes(key->public_key_sha256()) ==
                            change.public_key_sha256()) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "KEY_CHANGE_UNPINNED",
      absl::StrCat("changes key \"", change.key(), "\" with public key sha256 ",
                   absl::BytesToHexString(change.public_key_sha256()),
                   ", which its policy does not pin"));
}

}  // namespace

absl::Status KeyChecks::Take(const Position& at, Findings& findings) {
  findings.Add(FindingClass::kKey, at.index,
               trust::CheckTranscript(at.entry.key()));
  if (at.entry.key().decision() == v1::ALLOWED) {
    history_.Take(at.index, at.entry.key());
    if (at.policy != nullptr) {
      findings.Add(FindingClass::kKey, at.index,
                   CheckPinned(*at.policy, at.entry.key().change()));
    }
  }
  if (at.entry.signing().decision() == v1::ALLOWED && at.policy != nullptr) {
    findings.Add(FindingClass::kKey, at.index,
                 CheckServing(*at.policy, history_, at.entry.signing()));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::review

#include "server/trust/key_transcript.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/transcript.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::trust {
namespace {

absl::Status CheckNamesKey(const base::Transcript& transcript,
                           const v1::KeyChange& change) {
  const std::string wanted = absl::BytesToHexString(change.public_key_sha256());
  for (const base::TranscriptKey& key : transcript.keys) {
    if (key.public_key_sha256 == wanted) return absl::OkStatus();
  }
  return base::Precondition(
      "TRANSCRIPT_OTHER_KEY",
      absl::StrCat("the transcript is of other keys than ", change.key(),
                   ", for which the policy pins public key sha256 ", wanted));
}

}  // namespace

std::string TranscriptHash(absl::string_view text) {
  if (text.empty()) return "";
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(text))
          .bytes());
}

absl::Status CheckTranscript(const v1::KeyChange& change,
                             absl::string_view text) {
  const std::string hash = TranscriptHash(text);
  if (hash != change.transcript_sha256()) {
    return base::Invalid(
        "TRANSCRIPT_DIFFERS", "transcript",
        absl::StrCat("the transcript has sha256 ",
                     hash.empty() ? "none" : absl::BytesToHexString(hash),
                     ", the key change names ",
                     absl::BytesToHexString(change.transcript_sha256())));
  }
  if (text.empty()) return absl::OkStatus();
  if (change.action() == v1::RETIRE) {
    return base::Invalid("KEY_CHANGE_INVALID", "transcript",
                         "a transcript, expected none: no ceremony retires a "
                         "key");
  }
  ASSIGN_OR_RETURN(const base::Transcript transcript,
                   base::ReadTranscript(text));
  RETURN_IF_ERROR(base::CheckComplete(transcript));
  return CheckNamesKey(transcript, change);
}

absl::Status CheckTranscript(const v1::KeyEvent& event) {
  if (event.decision() != v1::PENDING) return absl::OkStatus();
  return CheckTranscript(event.change(), event.transcript());
}

}  // namespace bootseal::trust

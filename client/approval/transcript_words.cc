#include "client/approval/transcript_words.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "base/transcript.h"
#include "client/cli/text.h"
#include "server/trust/key_transcript.h"

namespace bootseal::approval {

void AddTranscript(const v1::KeyEvent& event,
                   std::vector<std::vector<std::string>>& rows) {
  const std::string& hash = event.change().transcript_sha256();
  if (!hash.empty()) {
    rows.push_back({"transcript sha256", absl::BytesToHexString(hash)});
  }
  if (event.transcript().empty()) return;
  std::string title = "transcript";
  for (const absl::string_view line :
       absl::StrSplit(absl::StripSuffix(event.transcript(), "\n"), '\n')) {
    rows.push_back({title, cli::Printable(line)});
    title.clear();
  }
}

absl::StatusOr<std::string> ReadTranscriptFile(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text,
                   base::ReadFile(path, base::kMaxTranscriptBytes));
  const auto transcript = base::ReadTranscript(text);
  RETURN_IF_ERROR(base::Annotate(transcript.status(), path));
  RETURN_IF_ERROR(base::Annotate(base::CheckComplete(*transcript), path));
  return text;
}

absl::Status CompareTranscript(const v1::KeyChange& change,
                               const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadTranscriptFile(path));
  const std::string hash = trust::TranscriptHash(text);
  if (hash == change.transcript_sha256()) return absl::OkStatus();
  return base::Precondition(
      "TRANSCRIPT_DIFFERS",
      absl::StrCat(path, " has sha256 ", absl::BytesToHexString(hash),
                   ", the request names ",
                   change.transcript_sha256().empty()
                       ? "no transcript"
                       : absl::BytesToHexString(change.transcript_sha256())));
}

}  // namespace bootseal::approval

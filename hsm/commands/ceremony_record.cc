#include "hsm/commands/ceremony_record.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"

namespace bootseal::hsm::commands {
namespace {

// A signature of RSA-3072 in hex has 768.
constexpr std::size_t kMaxValueBytes = 800;

}  // namespace

std::string CeremonyTime() {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(),
                          absl::UTCTimeZone());
}

CeremonyRecord::CeremonyRecord(std::FILE* shown) : shown_(shown) {
  Line(base::kTranscriptTitle);
}

void CeremonyRecord::Line(absl::string_view line) {
  absl::StrAppend(&lines_, line, "\n");
  Show(line);
}

void CeremonyRecord::Show(absl::string_view line) const {
  // A screen that is gone must not stop what is half done.
  std::fprintf(shown_, "%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(shown_);
}

std::string CeremonyRecord::Value(absl::string_view text) {
  std::string value =
      base::IsTranscriptText(text) ? std::string(text) : absl::CHexEscape(text);
  if (value.size() <= kMaxValueBytes) return value;
  return absl::StrCat(absl::CHexEscape(value.substr(0, kMaxValueBytes / 2)),
                      "...")
      .substr(0, kMaxValueBytes);
}

absl::Status CeremonyRecord::Step(absl::string_view name, Work work) {
  Details details;
  const absl::Status status = work(details);
  if (!status.ok()) {
    details.push_back({"error", absl::StrCat(base::ReasonOf(status), ": ",
                                             status.message())});
  }
  Line(absl::StrCat("step ", name, " ", CeremonyTime(), " ",
                    status.ok() ? "passed" : "failed"));
  for (const base::TranscriptDetail& each : details) {
    Line(absl::StrCat("  ", each.name, " ", Value(each.value)));
  }
  return status;
}

}  // namespace bootseal::hsm::commands

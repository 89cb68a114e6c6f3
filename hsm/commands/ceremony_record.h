// What a ceremony does, shown while it is done and kept for its transcript:
// the same lines.
#ifndef BOOTSEAL_HSM_COMMANDS_CEREMONY_RECORD_H_
#define BOOTSEAL_HSM_COMMANDS_CEREMONY_RECORD_H_

#include <cstdio>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/transcript.h"

namespace bootseal::hsm::commands {

// Not thread-safe.
class CeremonyRecord {
 public:
  // Lines go to `shown` too; it outlives the record.
  explicit CeremonyRecord(std::FILE* shown);

  void Line(absl::string_view line);
  // Shown, and no part of what is kept.
  void Show(absl::string_view line) const;

  // As it is written: escaped where it is no text, cut where it is long.
  static std::string Value(absl::string_view text);

  using Details = std::vector<base::TranscriptDetail>;
  using Work = absl::FunctionRef<absl::Status(Details&)>;
  // Does the work and records what it says of itself, and an error. Details are
  // written when it is done: what others typed or a vendor wrote is escaped
  // where it is no text, and cut where it is long.
  absl::Status Step(absl::string_view name, Work work);

  // All lines so far; what a probe is over.
  const std::string& lines() const { return lines_; }

 private:
  std::FILE* shown_;
  std::string lines_;
};

// "2026-11-27T20:20:51Z".
std::string CeremonyTime();

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_CEREMONY_RECORD_H_

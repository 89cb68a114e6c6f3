// Refusals in the audit log, without letting a caller fill the disk: beyond a
// number each minute they are counted, and one entry tells how many.
#ifndef BOOTSEAL_SERVER_REFUSALS_H_
#define BOOTSEAL_SERVER_REFUSALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/log.h"

namespace bootseal::server {

// A text that a caller or a policy chose, as the log keeps it: at most 512
// bytes, UTF-8 cut between characters.
std::string Shortened(const std::string& text);

// Thread-safe.
class Refusals {
 public:
  static constexpr std::uint32_t kPerMinute = 60;

  // Both must outlive it.
  Refusals(audit::Log& log, const base::Clock& clock)
      : log_(log), clock_(clock) {}

  // Writes an entry with a refused signing event or an access event, or counts
  // it when its caller has used up the minute, which both share. Callers that
  // were not identified are only counted. A log that cannot take it does not
  // change the refusal.
  void Record(const v1::Entry& entry);

  // Writes the summaries of minutes that are over.
  void FlushEnded();
  // Writes all summaries: the server is about to end.
  void FlushAll();

 private:
  struct Minute {
    absl::Time start;
    std::uint32_t written = 0;
    std::uint64_t excess = 0;
    v1::Entry last;  // of the excess
  };

  // Whether the caller's minute has room for one more entry.
  bool Admit(const v1::Entry& entry);
  void FlushStartedBefore(absl::Time time);
  void Append(const v1::Entry& entry);

  audit::Log& log_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  // By identity: as many as the policy names, and one for all others.
  absl::flat_hash_map<std::string, Minute> minutes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_REFUSALS_H_

// What the log says, for judging what depends on it. Values only: who judges
// with them needs no log. Thread-safe: values.
#ifndef BOOTSEAL_SERVER_TRUST_FACTS_H_
#define BOOTSEAL_SERVER_TRUST_FACTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"

namespace bootseal::trust {

// An entry with its place.
struct Recorded {
  std::uint64_t index = 0;
  v1::Entry entry;
};

// An approval or denial with the place of its entry.
struct RecordedApproval {
  std::uint64_t index = 0;
  v1::ApprovalEvent event;
};

// What entries say of one subject: all of them, oldest first.
struct History {
  // The newest request with this subject that waits or waited.
  std::optional<Recorded> pending;
  std::vector<RecordedApproval> approvals;
  // The newest release, or the change of the key, after `pending`.
  std::optional<std::uint64_t> done;
};

struct Facts {
  std::string origin;            // of the log
  std::int64_t now_unix_ms = 0;  // when it is judged
  // The newest release of the target; nullptr: none.
  std::shared_ptr<const v1::SigningEvent> last_release;
  // Of the request's subject.
  History history;
};

// `entries`: everything with one subject, oldest first.
History HistoryOf(std::vector<Recorded> entries);

// Not yet at its end.
bool IsOpen(const v1::Entry& pending, std::int64_t now_unix_ms);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_FACTS_H_

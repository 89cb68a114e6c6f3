// The log as it is right before a record is appended: what its check sees,
// inside the transaction.
#ifndef BOOTSEAL_SERVER_AUDIT_STANDING_H_
#define BOOTSEAL_SERVER_AUDIT_STANDING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/store.h"
#include "server/trust/facts.h"

namespace bootseal::audit {

// nullptr: there is none.
using Release = std::shared_ptr<const v1::SigningEvent>;

struct Standing {
  Release last_release;  // of the record's target
  // Of the record's subject, oldest first.
  std::vector<StoredRecord> about;
  // Entries that are stored, all of them before this batch.
  std::uint64_t size = 0;
  // Approvals and key changes of this batch, before the record.
  std::vector<StoredRecord> fresh;
  // Requests of the record's identity that this batch makes wait, before it.
  std::size_t pending_in_batch = 0;
};

// Everything that entries of one subject say. FAILED_PRECONDITION (LOG_CORRUPT)
// for one that cannot be read.
absl::StatusOr<trust::History> HistoryOf(
    const std::vector<StoredRecord>& about);

// The signing event of a stored release. LOG_CORRUPT when it is none.
absl::StatusOr<Release> ReleaseOf(const StoredRecord& stored);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_STANDING_H_

// A log entry as the log takes it.
#ifndef BOOTSEAL_SERVER_AUDIT_RECORD_H_
#define BOOTSEAL_SERVER_AUDIT_RECORD_H_

#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Encoded, with what it is found by; without request id and policy version.
// As trust::EncodeEntry.
absl::StatusOr<Record> RecordOf(const v1::Entry& entry);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_RECORD_H_

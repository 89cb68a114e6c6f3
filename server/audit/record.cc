#include "server/audit/record.h"

#include <utility>

#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::audit {

absl::StatusOr<Record> RecordOf(const v1::Entry& entry) {
  Record record;
  ASSIGN_OR_RETURN(record.entry, trust::EncodeEntry(entry));
  trust::SearchTerms terms = trust::TermsOf(entry);
  record.identity = std::move(terms.identity);
  record.target = std::move(terms.target);
  record.decision = terms.decision;
  record.kind = terms.kind;
  record.policy_sha256 = entry.policy_sha256();
  record.time_unix_ms = terms.time_unix_ms;
  record.key = std::move(terms.key);
  record.subject = std::move(terms.subject);
  return record;
}

}  // namespace bootseal::audit

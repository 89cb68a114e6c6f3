#include "server/key_states.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::server {
namespace {

constexpr std::uint32_t kPage = 1000;

absl::StatusOr<v1::KeyEvent> EventOf(const audit::StoredRecord& record) {
  const auto entry = trust::DecodeEntry(record.entry);
  if (entry.ok() && entry->has_key()) return entry->key();
  return base::Precondition(
      "LOG_CORRUPT",
      absl::StrCat("entry ", record.index,
                   " is not the key event that it is stored as; restore the "
                   "log from a copy"));
}

// The newest checkpoint's entries and no more: what is behind it may not last,
// unless this server has its turn.
std::uint64_t Shown(audit::Log& log) { return log.Checkpoint().head.size; }

}  // namespace

absl::StatusOr<trust::KeyHistory> KeyStates::Current() {
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(CatchUp(Shown(log_)));
  return history_;
}

absl::Status KeyStates::CheckServes(const trust::Policy& policy,
                                    const v1::PinnedKey& key) {
  if (!policy.proto().has_key_approvals()) return absl::OkStatus();
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(CatchUp(Shown(log_)));
  return trust::CheckServes(policy, history_, key);
}

absl::StatusOr<trust::KeyHistory> KeyStates::Before(
    const audit::Standing& standing) {
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(CatchUp(standing.size));
  trust::KeyHistory then = history_;
  for (const audit::StoredRecord& record : standing.fresh) {
    ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(record.entry));
    if (entry.has_key()) then.Take(record.index, entry.key());
  }
  return then;
}

absl::Status KeyStates::CheckServes(const trust::Policy& policy,
                                    const v1::PinnedKey& key,
                                    const audit::Standing& standing) {
  if (!policy.proto().has_key_approvals()) return absl::OkStatus();
  if (!standing.fresh.empty()) {
    ASSIGN_OR_RETURN(const trust::KeyHistory then, Before(standing));
    return trust::CheckServes(policy, then, key);
  }
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(CatchUp(standing.size));
  return trust::CheckServes(policy, history_, key);
}

absl::Status KeyStates::CatchUp(std::uint64_t size) {
  audit::Filter filter;
  filter.kind = v1::Entry::kKey;
  filter.limit = kPage;
  while (next_ < size) {
    filter.start = next_;
    ASSIGN_OR_RETURN(const auto records, log_.List(filter));
    for (const audit::StoredRecord& record : records) {
      if (record.index >= size) break;
      ASSIGN_OR_RETURN(const v1::KeyEvent event, EventOf(record));
      history_.Take(record.index, event);
      next_ = record.index + 1;
    }
    if (records.size() < kPage || records.back().index >= size) next_ = size;
  }
  return absl::OkStatus();
}

}  // namespace bootseal::server

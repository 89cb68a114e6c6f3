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

}  // namespace

absl::StatusOr<trust::KeyHistory> KeyStates::Current() {
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(CatchUp());
  return history_;
}

absl::Status KeyStates::CheckServes(const trust::Policy& policy,
                                    const v1::PinnedKey& key) {
  if (!policy.proto().has_key_approvals()) return absl::OkStatus();
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(CatchUp());
  return trust::CheckServes(policy, history_, key);
}

// Up to the newest checkpoint and no further: what is behind it may not last.
absl::Status KeyStates::CatchUp() {
  const std::uint64_t size = log_.Checkpoint().head.size;
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

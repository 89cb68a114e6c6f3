#include "server/audit/standing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::audit {
namespace {

absl::Status Corrupt(std::uint64_t index) {
  return base::Precondition(
      "LOG_CORRUPT",
      absl::StrCat("entry ", index,
                   " is not what it is stored as; restore the log from a "
                   "copy"));
}

}  // namespace

absl::StatusOr<trust::History> HistoryOf(
    const std::vector<StoredRecord>& about) {
  std::vector<trust::Recorded> entries;
  for (const StoredRecord& each : about) {
    auto entry = trust::DecodeEntry(each.entry);
    if (!entry.ok()) return Corrupt(each.index);
    entries.push_back({each.index, *std::move(entry)});
  }
  return trust::HistoryOf(std::move(entries));
}

absl::StatusOr<Release> ReleaseOf(const StoredRecord& stored) {
  auto entry = trust::DecodeEntry(stored.entry);
  if (!entry.ok() || !entry->has_signing()) return Corrupt(stored.index);
  return std::make_shared<const v1::SigningEvent>(
      std::move(*entry->mutable_signing()));
}

}  // namespace bootseal::audit

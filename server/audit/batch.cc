#include "server/audit/batch.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::audit {
namespace {

image::Bytes BytesOf(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

absl::StatusOr<std::string> RequestOf(const std::string& entry) {
  ASSIGN_OR_RETURN(const v1::Entry decoded, trust::DecodeEntry(entry));
  return decoded.signing().request_sha256();
}

}  // namespace

absl::StatusOr<Place> Batch::Repeat(const Record& record,
                                    const StoredRecord& first) {
  Place nowhere;
  // A record that cannot be read is its sender's fault, not the log's.
  const absl::StatusOr<std::string> asked = RequestOf(record.entry);
  if (!asked.ok()) {
    nowhere.status = asked.status();
    return nowhere;
  }
  ASSIGN_OR_RETURN(const std::string recorded, RequestOf(first.entry));
  if (*asked != recorded) {
    nowhere.status =
        base::Fail(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED",
                   absl::StrCat("request id \"", record.request_id,
                                "\" was used for other content (log entry ",
                                first.index, "); choose a new id"));
    return nowhere;
  }
  return Place{absl::OkStatus(), first.index, first.entry, true};
}

absl::StatusOr<Place> Batch::Add(Record record) {
  if (!record.request_id.empty()) {
    const auto known = releases_.find({record.identity, record.request_id});
    if (known != releases_.end()) return Repeat(record, known->second);
    ASSIGN_OR_RETURN(const std::optional<StoredRecord> stored,
                     store_.FindRelease(record.identity, record.request_id));
    if (stored) return Repeat(record, *stored);
    releases_[{record.identity, record.request_id}] = {tree_.size(),
                                                       record.entry};
  }
  Place place{absl::OkStatus(), tree_.size(), record.entry, false};
  const std::vector<Node> complete =
      tree_.Add(image::transparency::LeafHash(BytesOf(record.entry)));
  nodes_.insert(nodes_.end(), complete.begin(), complete.end());
  records_.push_back(std::move(record));
  return place;
}

}  // namespace bootseal::audit

#include "server/audit/batch.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/audit/policy_order.h"
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

absl::StatusOr<Standing> Batch::StandingOf(const Record& record) const {
  Standing standing;
  standing.size = before_;
  standing.fresh = fresh_;
  if (const auto last = last_releases_.find(record.target);
      last != last_releases_.end()) {
    standing.last_release = last->second;
  } else if (!record.target.empty()) {
    ASSIGN_OR_RETURN(standing.last_release,
                     known_.Find(record.target, before_));
  }
  if (record.subject.empty()) return standing;
  ASSIGN_OR_RETURN(standing.about, store_.About(record.subject));
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& earlier = records_[i];
    if (earlier.subject == record.subject) {
      standing.about.push_back({before_ + i, earlier.entry});
    }
    if (earlier.identity == record.identity &&
        earlier.decision == v1::PENDING) {
      ++standing.pending_in_batch;
    }
  }
  return standing;
}

absl::Status Batch::NoteRelease(const Record& record) {
  if (record.kind != v1::Entry::kSigning || record.decision != v1::ALLOWED) {
    return absl::OkStatus();
  }
  Release release = record.release;
  if (!release) {
    ASSIGN_OR_RETURN(release, ReleaseOf({tree_.size(), record.entry}));
  }
  last_releases_[record.target] = std::move(release);
  return absl::OkStatus();
}

absl::Status Batch::Expect(const std::vector<Record>& records) {
  std::vector<ReleaseKey> keys;
  for (const Record& record : records) {
    if (record.request_id.empty()) continue;
    keys.emplace_back(record.identity, record.request_id);
  }
  ASSIGN_OR_RETURN(auto found, store_.FindReleases(keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    expected_.emplace(std::move(keys[i]), std::move(found[i]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<StoredRecord>> Batch::Find(const ReleaseKey& key) {
  const auto expected = expected_.find(key);
  if (expected != expected_.end()) return expected->second;
  return store_.FindRelease(key.first, key.second);
}

absl::Status Batch::LoadHighest() {
  if (highest_known_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<StoredRecord> stored,
                   store_.HighestPolicy());
  if (stored) {
    ASSIGN_OR_RETURN(highest_, PolicyOf(*stored));
  }
  highest_known_ = true;
  return absl::OkStatus();
}

// What lets something happen is decided by the policy in force and no earlier
// one: this server's request may have begun before a reload, and another server
// may have reloaded before this one.
absl::StatusOr<absl::Status> Batch::CheckDecidedBy(const Record& record) {
  const bool lets = record.decision == v1::ALLOWED ||
                    record.decision == v1::PENDING ||
                    record.kind == v1::Entry::kApproval;
  if (!lets || record.policy_sha256.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(LoadHighest());
  if (!highest_ || highest_->sha256() == record.policy_sha256) {
    return absl::OkStatus();
  }
  return base::Unavailable(
      "POLICY_SUPERSEDED",
      absl::StrCat("policy version ", highest_->version(),
                   " came into force and another one decided this; try again, "
                   "and if that does not help, reload the server's policy"));
}

// Two servers may bring policies into force at once.
absl::StatusOr<Place> Batch::JudgePolicy(const Record& record) {
  RETURN_IF_ERROR(LoadHighest());
  Place judged;
  const absl::StatusOr<v1::PolicyEvent> next =
      PolicyOf({tree_.size(), record.entry});
  judged.status = next.ok() ? CheckFollows(*next, highest_) : next.status();
  if (judged.status.ok()) highest_ = *next;
  return judged;
}

absl::StatusOr<Place> Batch::Add(Record record) {
  if (record.policy_version != 0) {
    ASSIGN_OR_RETURN(const Place judged, JudgePolicy(record));
    if (!judged.status.ok()) return judged;
  }
  if (!record.request_id.empty()) {
    const auto known = releases_.find({record.identity, record.request_id});
    if (known != releases_.end()) return Repeat(record, known->second);
    ASSIGN_OR_RETURN(const std::optional<StoredRecord> stored,
                     Find({record.identity, record.request_id}));
    if (stored) return Repeat(record, *stored);
  }
  ASSIGN_OR_RETURN(absl::Status superseded, CheckDecidedBy(record));
  if (!superseded.ok()) {
    Place nowhere;
    nowhere.status = std::move(superseded);
    return nowhere;
  }
  if (record.recheck) {
    ASSIGN_OR_RETURN(const Standing standing, StandingOf(record));
    if (absl::Status refused = record.recheck(standing); !refused.ok()) {
      Place nowhere;
      nowhere.status = std::move(refused);
      return nowhere;
    }
  }
  if (!record.request_id.empty()) {
    releases_[{record.identity, record.request_id}] = {tree_.size(),
                                                       record.entry};
  }
  RETURN_IF_ERROR(NoteRelease(record));
  if (record.kind == v1::Entry::kApproval || record.kind == v1::Entry::kKey) {
    fresh_.push_back({tree_.size(), record.entry});
  }
  Place place{absl::OkStatus(), tree_.size(), record.entry, false};
  const std::vector<Node> complete =
      tree_.Add(image::transparency::LeafHash(BytesOf(record.entry)));
  nodes_.insert(nodes_.end(), complete.begin(), complete.end());
  records_.push_back(std::move(record));
  return place;
}

}  // namespace bootseal::audit

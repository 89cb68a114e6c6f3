#include "tests/client/console/memory_source.h"

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::tests {
namespace {

v1::Entry ReleaseEntry() {
  v1::Entry entry = PendingEntry("");
  entry.mutable_signing()->set_version("1.2.2");
  entry.mutable_signing()->set_decision(v1::ALLOWED);
  return entry;
}

v1::ApprovalRequest Request(const std::string& subject_sha256) {
  v1::ApprovalRequest request;
  request.mutable_pending()->set_index(7);
  request.mutable_pending()->set_entry(
      *trust::EncodeEntry(PendingEntry(subject_sha256)));
  request.set_state(v1::WAITING);
  request.set_needed(2);
  request.set_caller_may_approve(true);
  request.mutable_last_release()->set_index(3);
  request.mutable_last_release()->set_entry(
      *trust::EncodeEntry(ReleaseEntry()));
  return request;
}

}  // namespace

v1::Entry PendingEntry(const std::string& subject_sha256) {
  v1::Entry entry;
  entry.set_time_unix_ms(1'700'000'000'000);
  entry.mutable_caller()->set_identity("ci");
  entry.set_policy_sha256(std::string(32, 'p'));
  v1::SigningEvent& event = *entry.mutable_signing();
  event.set_target("app");
  event.set_version("1.2.3");
  event.set_decision(v1::PENDING);
  event.set_payload_sha256(std::string(32, 'x'));
  event.set_subject_sha256(subject_sha256);
  v1::SignedDigest& digest = *event.add_digests();
  digest.set_key("app");
  digest.set_digest(std::string(32, 'd'));
  return entry;
}

MemorySource::MemorySource()
    : settings_{"127.0.0.1:1", "origin+00000000+AA==", "origin"} {}

void MemorySource::Count() const {
  const base::MutexLock lock(mutex_);
  ++calls_;
}

absl::StatusOr<v1::ListEntriesReply> MemorySource::ListEntries(
    const v1::ListEntriesRequest& request) const {
  Count();
  v1::ListEntriesReply reply;
  v1::LogEntry& entry = *reply.add_entries();
  entry.set_index(3);
  entry.set_entry(*trust::EncodeEntry(ReleaseEntry()));
  const base::MutexLock lock(mutex_);
  filter_ = request;
  return reply;
}

absl::StatusOr<console::ShownEntry> MemorySource::GetEntry(
    std::uint64_t index) const {
  Count();
  console::ShownEntry shown;
  shown.entry.set_index(index);
  shown.entry.set_entry(*trust::EncodeEntry(ReleaseEntry()));
  return shown;
}

absl::StatusOr<v1::ListRequestsReply> MemorySource::ListRequests(
    const v1::ListRequestsRequest&) const {
  Count();
  v1::ListRequestsReply reply;
  *reply.add_requests() = Request(absl::HexStringToBytes(subject()));
  return reply;
}

absl::StatusOr<console::ShownRequest> MemorySource::GetRequest(
    const std::string& subject_sha256) const {
  Count();
  return console::ShownRequest{Request(subject_sha256), unproven_, review_};
}

absl::StatusOr<console::Prepared> MemorySource::Prepare(
    const console::Word& word) const {
  Count();
  console::Prepared prepared;
  prepared.pending = PendingEntry(word.subject_sha256);
  prepared.statement.set_target("app");
  prepared.statement.set_version("1.2.3");
  prepared.statement.set_requester("ci");
  prepared.statement.set_subject_sha256(word.subject_sha256);
  prepared.statement.set_verdict(word.verdict);
  prepared.statement.set_reason(word.reason);
  prepared.statement.set_approver("alice");
  return prepared;
}

absl::StatusOr<v1::SubmitApprovalReply> MemorySource::Submit(
    const v1::ApprovalStatement& statement) const {
  Count();
  const base::MutexLock lock(mutex_);
  signed_.push_back(statement);
  v1::SubmitApprovalReply reply;
  reply.set_index(8);
  return reply;
}

cli::Json MemorySource::Describe(std::uint64_t index,
                                 const v1::Entry& entry) const {
  return cli::JsonObject()
      .Add("index", cli::Json::Number(index))
      .Add("identity", cli::Json::Text(entry.caller().identity()))
      .Build();
}

std::vector<v1::ApprovalStatement> MemorySource::signed_statements() const {
  const base::MutexLock lock(mutex_);
  return signed_;
}

int MemorySource::calls() const {
  const base::MutexLock lock(mutex_);
  return calls_;
}

v1::ListEntriesRequest MemorySource::last_filter() const {
  const base::MutexLock lock(mutex_);
  return filter_;
}

}  // namespace bootseal::tests

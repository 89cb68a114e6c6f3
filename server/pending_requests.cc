#include "server/pending_requests.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status.h"
#include "server/audit/standing.h"
#include "server/trust/entry.h"

namespace bootseal::server {
namespace {

// None waits longer (server/trust/policy_checks.h).
constexpr std::int64_t kLongestWaitMs = std::int64_t{90} * 24 * 3600 * 1000;
constexpr std::uint32_t kPage = 1000;

PendingRequest RequestOf(std::uint64_t index, const v1::Entry& entry) {
  if (entry.has_key()) {
    return {index, entry.caller().identity(), entry.request_id(),
            entry.key().subject_sha256(), entry.key().expires_unix_ms()};
  }
  return {index, entry.caller().identity(), entry.request_id(),
          entry.signing().subject_sha256(), entry.signing().expires_unix_ms()};
}

bool IsDenied(const trust::History& history) {
  return std::any_of(history.approvals.begin(), history.approvals.end(),
                     [](const trust::RecordedApproval& each) {
                       return each.event.verdict() == v1::DENY;
                     });
}

}  // namespace

absl::Status PendingRequests::Refresh(std::int64_t now_unix_ms) {
  const std::uint64_t size = log_.Checkpoint().head.size;
  audit::Filter filter;
  filter.start = seen_;
  filter.limit = kPage;
  filter.decision = v1::PENDING;
  filter.from_unix_ms = std::max<std::int64_t>(1, now_unix_ms - kLongestWaitMs);
  while (filter.start < size) {
    ASSIGN_OR_RETURN(const auto page, log_.List(filter));
    for (const audit::StoredRecord& each : page) {
      ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(each.entry));
      open_.push_back(RequestOf(each.index, entry));
      seen_ = each.index + 1;
    }
    if (page.size() < kPage) break;
    filter.start = seen_;
  }
  seen_ = std::max(seen_, size);
  std::erase_if(open_, [now_unix_ms](const PendingRequest& each) {
    return each.expires_unix_ms <= now_unix_ms;
  });
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingRequest>> PendingRequests::Open(
    std::int64_t now_unix_ms) {
  const base::MutexLock lock(mutex_);
  RETURN_IF_ERROR(Refresh(now_unix_ms));
  return open_;
}

absl::StatusOr<bool> PendingRequests::Waits(const PendingRequest& request) {
  ASSIGN_OR_RETURN(const auto about, log_.About(request.subject));
  ASSIGN_OR_RETURN(const trust::History history, audit::HistoryOf(about));
  return !history.done && !IsDenied(history);
}

absl::StatusOr<std::vector<PendingRequest>> PendingRequests::Waiting(
    std::int64_t now_unix_ms) {
  ASSIGN_OR_RETURN(const auto open, Open(now_unix_ms));
  std::vector<PendingRequest> waiting;
  for (const PendingRequest& each : open) {
    ASSIGN_OR_RETURN(const bool waits, Waits(each));
    if (waits) waiting.push_back(each);
  }
  return waiting;
}

absl::StatusOr<std::size_t> PendingRequests::CountWaiting(
    absl::string_view identity, std::int64_t now_unix_ms) {
  ASSIGN_OR_RETURN(const auto open, Open(now_unix_ms));
  std::size_t count = 0;
  for (const PendingRequest& each : open) {
    if (each.identity != identity) continue;
    ASSIGN_OR_RETURN(const bool waits, Waits(each));
    if (waits) ++count;
  }
  return count;
}

}  // namespace bootseal::server

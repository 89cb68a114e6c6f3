#include "server/denials.h"

#include <algorithm>
#include <vector>

#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::server {
namespace {

constexpr std::uint32_t kPage = 1000;

// Of the entries from `start` on.
absl::StatusOr<std::vector<std::string>> DeniedFrom(audit::Log& log,
                                                    std::uint64_t start) {
  std::vector<std::string> denied;
  audit::Filter filter;
  filter.kind = v1::Entry::kApproval;
  filter.limit = kPage;
  filter.start = start;
  while (true) {
    ASSIGN_OR_RETURN(const auto page, log.List(filter));
    for (const audit::StoredRecord& each : page) {
      ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(each.entry));
      if (entry.approval().verdict() == v1::DENY) {
        denied.push_back(entry.approval().subject_sha256());
      }
    }
    if (page.size() < kPage) return denied;
    filter.start = page.back().index + 1;
  }
}

}  // namespace

absl::Status Denials::CatchUp(std::uint64_t size) {
  std::uint64_t start = 0;
  {
    const base::MutexLock lock(mutex_);
    if (next_ >= size) return absl::OkStatus();
    start = next_;
  }
  ASSIGN_OR_RETURN(const auto denied, DeniedFrom(log_, start));
  const base::MutexLock lock(mutex_);
  subjects_.insert(denied.begin(), denied.end());
  next_ = std::max(next_, size);
  return absl::OkStatus();
}

bool Denials::Have(const std::string& subject) const {
  const base::MutexLock lock(mutex_);
  return subjects_.contains(subject);
}

bool Denials::empty() const {
  const base::MutexLock lock(mutex_);
  return subjects_.empty();
}

}  // namespace bootseal::server

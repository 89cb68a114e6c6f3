#include "server/refusals.h"

#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "server/audit/record.h"

namespace bootseal::server {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr std::size_t kMaxLoggedText = 512;

const std::string& ReasonOf(const v1::Entry& entry) {
  if (entry.has_access()) return entry.access().reason();
  return entry.has_key() ? entry.key().reason() : entry.signing().reason();
}

v1::Entry Summary(const v1::Entry& last, std::uint64_t count, absl::Time now) {
  v1::Entry summary = last;
  summary.set_time_unix_ms(absl::ToUnixMillis(now));
  summary.clear_request_id();
  v1::RefusalSummaryEvent event;
  event.set_count(count);
  event.set_last_reason(ReasonOf(last));
  *summary.mutable_refusals() = std::move(event);
  return summary;
}

}  // namespace

std::string Shortened(const std::string& text) {
  if (text.size() <= kMaxLoggedText) return text;
  std::size_t end = kMaxLoggedText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

void Refusals::Record(const v1::Entry& entry) {
  if (Admit(entry)) Append(entry);
}

bool Refusals::Admit(const v1::Entry& entry) {
  const absl::Time now = clock_.Now();
  const base::MutexLock lock(mutex_);
  Minute& minute = minutes_[entry.caller().identity()];
  // A minute with an excess ends when it has been summed up.
  if (minute.excess == 0 && now - minute.start >= kMinute) {
    minute = Minute();
    minute.start = now;
  }
  const bool identified = !entry.caller().identity().empty();
  if (identified && minute.written < kPerMinute) {
    ++minute.written;
    return true;
  }
  ++minute.excess;
  minute.last = entry;
  return false;
}

void Refusals::FlushEnded() { FlushStartedBefore(clock_.Now() - kMinute); }

void Refusals::FlushAll() { FlushStartedBefore(absl::InfiniteFuture()); }

void Refusals::FlushStartedBefore(absl::Time time) {
  const absl::Time now = clock_.Now();
  std::vector<v1::Entry> summaries;
  {
    const base::MutexLock lock(mutex_);
    for (auto& [identity, minute] : minutes_) {
      if (minute.excess == 0 || minute.start > time) continue;
      summaries.push_back(Summary(minute.last, minute.excess, now));
      minute = Minute();
      minute.start = now;
    }
  }
  for (const v1::Entry& summary : summaries) Append(summary);
}

void Refusals::Append(const v1::Entry& entry) {
  auto record = audit::RecordOf(entry);
  absl::Status status = record.status();
  if (status.ok()) status = log_.Append(*std::move(record)).status();
  if (status.ok()) return;
  base::Log(base::Severity::kError, "refusal-not-logged",
            {{"identity", entry.caller().identity()},
             {"reason", base::ReasonOf(status)},
             {"message", status.message()}});
}

}  // namespace bootseal::server

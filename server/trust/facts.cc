#include "server/trust/facts.h"

#include <utility>

namespace bootseal::trust {
namespace {

v1::Decision DecisionOf(const v1::Entry& entry) {
  return entry.has_key() ? entry.key().decision() : entry.signing().decision();
}

std::int64_t EndOf(const v1::Entry& entry) {
  return entry.has_key() ? entry.key().expires_unix_ms()
                         : entry.signing().expires_unix_ms();
}

}  // namespace

History HistoryOf(std::vector<Recorded> entries) {
  History history;
  for (Recorded& each : entries) {
    if (each.entry.has_approval()) {
      history.approvals.push_back(
          {each.index, std::move(*each.entry.mutable_approval())});
    } else if (DecisionOf(each.entry) == v1::PENDING) {
      history.pending = std::move(each);
      history.done.reset();
    } else if (DecisionOf(each.entry) == v1::ALLOWED) {
      history.done = each.index;
    }
  }
  return history;
}

bool IsOpen(const v1::Entry& pending, std::int64_t now_unix_ms) {
  return now_unix_ms < EndOf(pending);
}

}  // namespace bootseal::trust

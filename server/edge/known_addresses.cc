#include "server/edge/known_addresses.h"

namespace bootseal::edge {

void KnownAddresses::Add(absl::string_view address) {
  const auto [known, fresh] = added_.try_emplace(address, next_);
  if (!fresh) order_.erase(known->second);
  known->second = next_;
  order_.emplace(next_++, address);
  if (added_.size() <= kMost) return;
  const auto oldest = order_.begin();
  added_.erase(oldest->second);
  order_.erase(oldest);
}

}  // namespace bootseal::edge
